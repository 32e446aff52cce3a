// What the latents of all archives are like together, from sums that no archive's recordings can be read
// from: their mean, their principal directions, and how much the first few of those explain.
#ifndef CONSORT_NODE_TRAINER_MODELS_LATENT_STATISTICS_H_
#define CONSORT_NODE_TRAINER_MODELS_LATENT_STATISTICS_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace consort::trainer {

// Fewer latent frames do not say how 128 latents vary together.
inline constexpr int64_t kLeastLatentFrames = 128;

// Adds up latents. The sums of several archives, added coordinate by coordinate, are those of all their
// frames. Not thread-safe.
class LatentSums {
 public:
  // `latent_size`: > 0.
  explicit LatentSums(int64_t latent_size);

  // `means`: float32 [latent_size, frames], as Model::Encode gives them. Errors: InvalidArgument if the
  // length is no multiple of latent_size; OutOfRange "not-finite: ..." if one is NaN or infinite. Nothing is
  // added then.
  absl::Status Add(absl::Span<const float> means);

  // The number of frames n, the sum of z [latent_size], the sum of z z^T [latent_size, latent_size]: 1 + L +
  // L * L coordinates.
  const std::vector<double>& values() const { return values_; }

 private:
  int64_t latent_size_;
  std::vector<double> values_;
};

struct LatentAnalysis {
  int64_t frames = 0;
  std::vector<double> mean;  // [latent_size]
  // Principal directions, [latent_size, latent_size], one a row, by falling variance. Each has length 1 and
  // its largest component is positive.
  std::vector<double> basis;
  // fidelity[i]: share of the variance that directions 0 to i explain, rising to 1. All 1 where nothing
  // varies.
  std::vector<double> fidelity;

  // The fewest directions that explain more than `share` of the variance, share in [0, 1); at least 1.
  int64_t DirectionsFor(double share) const;
};

// Analyses opened sums laid out as LatentSums::values(). Errors: InvalidArgument for a wrong number of them
// or a count that is no whole number; OutOfRange "not-finite: ..."; FailedPrecondition
// "too-few-latent-frames: ..." below kLeastLatentFrames; Internal if the decomposition does not converge.
absl::StatusOr<LatentAnalysis> AnalyseLatents(int64_t latent_size, absl::Span<const double> sums);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_MODELS_LATENT_STATISTICS_H_
