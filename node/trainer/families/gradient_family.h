// Makes a family of every architecture that learns by gradients: optimiser, checkpoint and turns of adapter
// factors stand here once.
#ifndef CONSORT_NODE_TRAINER_FAMILIES_GRADIENT_FAMILY_H_
#define CONSORT_NODE_TRAINER_FAMILIES_GRADIENT_FAMILY_H_

#include <memory>

#include "node/trainer/families/family.h"

namespace consort::trainer {

// Its segments: a delta for each trainable tensor, and the statistic of the windows learnt from.
// `architecture`: borrowed, lives as long as the program.
std::unique_ptr<const Family> MakeGradientFamily(const Architecture& architecture);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_FAMILIES_GRADIENT_FAMILY_H_
