// Which stretch of a holdout recording is scored.
#ifndef CONSORT_NODE_TRAINER_EVALUATION_SCORED_EXCERPT_H_
#define CONSORT_NODE_TRAINER_EVALUATION_SCORED_EXCERPT_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/statusor.h"

namespace consort::trainer {

// Reads `samples` samples from `begin` on; fewer where the recording ends.
using ReadStretch = std::function<absl::StatusOr<std::vector<float>>(int64_t begin, int64_t samples)>;

// Reads ScoredStretch of a recording or, where that is silent (IsSilent), the nearest stretch of that length
// that is not, after it before before it: relative to silence every error is immense. Empty if all of the
// recording is silent by this measure. Without chance. Errors: those of `read`.
absl::StatusOr<std::vector<float>> ReadScoredExcerpt(int64_t recording_samples, int sample_rate_hz,
                                                     const ReadStretch& read);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_EVALUATION_SCORED_EXCERPT_H_
