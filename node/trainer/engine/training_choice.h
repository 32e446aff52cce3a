// Which recordings of the training split a job learns from where it bounds them, and why those.
#ifndef CONSORT_NODE_TRAINER_ENGINE_TRAINING_CHOICE_H_
#define CONSORT_NODE_TRAINER_ENGINE_TRAINING_CHOICE_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "consort/v1/job.pb.h"
#include "node/trainer/collection/collection.h"

namespace consort::trainer {

// So much of a recording's middle is described to compare it with others.
inline constexpr double kDescribedSeconds = 30;

// Chooses by training/selection.h over the means of the descriptors of families/segment_descriptors.h.
// Descriptions are remembered while the process runs. Not thread-safe.
class TrainingChoice {
 public:
  struct Choice {
    std::vector<const Recording*> recordings;  // in the collection's order
    std::vector<std::pair<std::string, std::string>>
        reasons;  // recording id, one sentence; empty if all are taken
  };
  // `candidates`: of the training split. At most local.max_training_seconds of each tradition are chosen, and
  // the shortest recording where none is short enough; all of them without a bound or with SELECTION_ALL.
  // Errors: those of Collection::Read and DescribeSegments.
  absl::StatusOr<Choice> Choose(Collection& collection, const std::vector<const Recording*>& candidates,
                                const v1::JobSpec& spec);

 private:
  absl::StatusOr<std::vector<double>> PointOf(Collection& collection, const Recording& recording,
                                              const std::string& purpose);

  std::map<std::string, std::vector<double>> points_;  // by recording id
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_ENGINE_TRAINING_CHOICE_H_
