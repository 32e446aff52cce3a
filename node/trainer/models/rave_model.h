// A model of the `rave` family with its weights.
#ifndef CONSORT_NODE_TRAINER_MODELS_RAVE_MODEL_H_
#define CONSORT_NODE_TRAINER_MODELS_RAVE_MODEL_H_

#include <memory>

#include "node/trainer/models/architecture.h"
#include "node/trainer/models/rave.h"
#include "node/trainer/models/weight_set.h"

namespace consort::trainer {

// `weights`: laid out as LayOutRave(size.shape).
std::unique_ptr<Model> MakeRaveModel(const RaveSize& size, const ArchitectureFacts& facts,
                                     std::unique_ptr<WeightSet> weights);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_MODELS_RAVE_MODEL_H_
