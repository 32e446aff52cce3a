#include "node/trainer/evaluation/reconstruction_score.h"

#include <algorithm>
#include <cmath>

#include "common/status/macros.h"
#include "node/trainer/models/spectral_distance.h"

namespace consort::trainer {

Stretch ScoredStretch(int64_t recording_samples, int sample_rate_hz) {
  const int64_t samples = std::min(recording_samples, static_cast<int64_t>(kScoredSeconds * sample_rate_hz));
  return {(recording_samples - samples) / 2, samples};
}

absl::StatusOr<Reconstruction> ScoreReconstruction(Model& model, absl::Span<const float> audio) {
  Reconstruction result;
  ASSIGN_OR_RETURN(result.audio, model.Reconstruct(audio));
  ASSIGN_OR_RETURN(const double distance, SpectralDistance(audio, result.audio));
  if (!std::isfinite(distance))
    return absl::OutOfRangeError("not-finite: a reconstruction has no finite score");
  result.score = std::round(distance * 1e4) / 1e4;
  return result;
}

}  // namespace consort::trainer
