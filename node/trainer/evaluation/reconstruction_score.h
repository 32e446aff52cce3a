// Measures how well a model can say a recording again.
#ifndef CONSORT_NODE_TRAINER_EVALUATION_RECONSTRUCTION_SCORE_H_
#define CONSORT_NODE_TRAINER_EVALUATION_RECONSTRUCTION_SCORE_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "node/trainer/models/architecture.h"

namespace consort::trainer {

// At most so much of each holdout recording is scored: enough for several phrases, little enough that a
// round's evaluation takes seconds.
inline constexpr double kScoredSeconds = 10;

// The stretch of a recording that is scored: its middle, where most recordings have no lead-in and no
// applause.
struct Stretch {
  int64_t begin = 0;
  int64_t samples = 0;
};
Stretch ScoredStretch(int64_t recording_samples, int sample_rate_hz);

struct Reconstruction {
  std::vector<float> audio;
  double score =
      0;  // multi-scale STFT distance to the original, full band, rounded to 4 decimals; lower is better
};

// Reconstructs without chance: the same model and audio give the same score.
// Errors: those of Model::Reconstruct; OutOfRange "not-finite" if the score is.
absl::StatusOr<Reconstruction> ScoreReconstruction(Model& model, absl::Span<const float> audio);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_EVALUATION_RECONSTRUCTION_SCORE_H_
