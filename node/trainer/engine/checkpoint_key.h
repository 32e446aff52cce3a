// Names what the checkpoint of an interrupted training belongs to.
#ifndef CONSORT_NODE_TRAINER_ENGINE_CHECKPOINT_KEY_H_
#define CONSORT_NODE_TRAINER_ENGINE_CHECKPOINT_KEY_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "consort/v1/trainer.pb.h"
#include "node/trainer/collection/collection.h"
#include "node/trainer/training/fit_terms.h"

namespace consort::trainer {

// A training goes on from its checkpoint only if nothing differs that its result depends on: the task, what
// it starts from, the recordings that may be heard now, in their order, and the changes that the custodian
// allows. SHA-256, hex.
std::string CheckpointKey(const v1::TrainHeader& header, absl::string_view base, absl::string_view state,
                          const std::vector<const Recording*>& recordings, const AugmentationTerms& allowed);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_ENGINE_CHECKPOINT_KEY_H_
