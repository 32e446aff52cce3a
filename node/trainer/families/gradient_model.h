// The model of a network that learns by gradients, as families give it to the engine.
#ifndef CONSORT_NODE_TRAINER_FAMILIES_GRADIENT_MODEL_H_
#define CONSORT_NODE_TRAINER_FAMILIES_GRADIENT_MODEL_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "node/trainer/families/family.h"
#include "node/trainer/families/latent_totals.h"
#include "node/trainer/training/control_variates.h"

namespace consort::trainer {

// What a GradientModel is made of.
struct GradientParts {
  std::unique_ptr<Model> model;              // not null
  std::unique_ptr<ControlVariates> control;  // null without SCAFFOLD
  std::optional<LatentTotals> latents;       // nothing if no job has added them up or will
};

// For `round` of a job. `facts`: borrowed, lives as long as the model. `parts.latents` is there if the terms
// have an analysis_round.
std::unique_ptr<FamilyModel> MakeGradientModel(const ArchitectureFacts& facts, const FamilyTerms& terms,
                                               uint32_t round, GradientParts parts);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_FAMILIES_GRADIENT_MODEL_H_
