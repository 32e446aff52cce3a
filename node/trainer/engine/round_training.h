// One archive's training in one round, from its recordings to the values of its update.
#ifndef CONSORT_NODE_TRAINER_ENGINE_ROUND_TRAINING_H_
#define CONSORT_NODE_TRAINER_ENGINE_ROUND_TRAINING_H_

#include <atomic>
#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "consort/v1/trainer.pb.h"
#include "node/trainer/engine/job_terms.h"
#include "node/trainer/engine/round_material.h"

namespace consort::trainer {

// Trains `model` in place on at least one recording, logs which were heard (also when training fails), and
// hands the values on: deltas in manifest order in blocks of at most 1 MiB, then the number of windows.
// Errors: those of TrainLocally, Collection::Read, UseLog::Append and `values`.
absl::StatusOr<v1::TrainResult> TrainRound(const RoundMaterial& material, Model& model, const JobTerms& terms,
                                           const RoundSeeds& seeds,
                                           const std::function<void(const v1::TrainProgress&)>& progress,
                                           const std::function<absl::Status(absl::Span<const float>)>& values,
                                           const std::atomic<bool>& stop);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_ENGINE_ROUND_TRAINING_H_
