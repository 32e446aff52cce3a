// How well the beginnings of notes were found or kept.
#ifndef CONSORT_NODE_TRAINER_MEASURES_ONSET_SCORE_H_
#define CONSORT_NODE_TRAINER_MEASURES_ONSET_SCORE_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace consort::trainer {

inline constexpr double kOnsetToleranceSeconds = 0.05;

struct OnsetScore {
  double f1 = 0, precision = 0, recall = 0;  // 0 where either side has no onset
  int64_t matched = 0, reference = 0, estimated = 0;
};

// F1 of onsets as mir_eval.onset defines it: the largest matching of one to one between onsets at most
// kOnsetToleranceSeconds apart. Times in seconds, in any order.
// Errors: InvalidArgument for times that are NaN or infinite.
absl::StatusOr<OnsetScore> CompareOnsets(absl::Span<const double> reference,
                                         absl::Span<const double> estimated);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_MEASURES_ONSET_SCORE_H_
