// Makes a family of every architecture that learns by gradients: optimiser, checkpoint, turns of adapter
// factors and the analysis of latents stand here once.
#ifndef CONSORT_NODE_TRAINER_FAMILIES_GRADIENT_FAMILY_H_
#define CONSORT_NODE_TRAINER_FAMILIES_GRADIENT_FAMILY_H_

#include <memory>

#include "node/trainer/families/family.h"

namespace consort::trainer {

// Its segments: a delta for each trainable tensor, and the statistic of the windows learnt from. In the
// terms' analysis_round Fit trains nothing, and the segments are those of LatentTotals; all states of such a
// job have these tensors, zero until then. A model whose state (or, without one, base) has them describes its
// latents, and exports their principal directions.
// `architecture`: borrowed, lives as long as the program.
std::unique_ptr<const Family> MakeGradientFamily(const Architecture& architecture);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_FAMILIES_GRADIENT_FAMILY_H_
