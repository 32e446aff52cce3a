// How well recordings were sorted into classes, each class counting the same however rare it is.
#ifndef CONSORT_NODE_TRAINER_MEASURES_MACRO_F1_H_
#define CONSORT_NODE_TRAINER_MEASURES_MACRO_F1_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace consort::trainer {

struct MacroF1 {
  double value = 0;
  std::map<std::string, double> by_class;  // every class that was true or predicted at least once
  int64_t items = 0;
};

// The mean over classes of 2 TP / (2 TP + FP + FN) (as scikit-learn's f1_score with average="macro"). A class
// that was only predicted, or never found, counts with 0. `truth` and `predicted`: the classes of the same
// items. Errors: InvalidArgument for different lengths or no items.
absl::StatusOr<MacroF1> ComputeMacroF1(absl::Span<const std::string> truth,
                                       absl::Span<const std::string> predicted);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_MEASURES_MACRO_F1_H_
