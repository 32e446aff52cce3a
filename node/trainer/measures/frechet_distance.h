// The Frechet audio distance (FAD, Kilgour et al. 2019): how far apart the Gaussians of two collections are.
#ifndef CONSORT_NODE_TRAINER_MEASURES_FRECHET_DISTANCE_H_
#define CONSORT_NODE_TRAINER_MEASURES_FRECHET_DISTANCE_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "node/trainer/measures/embedding_set.h"

namespace consort::trainer {

// |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2)) of the means and of the covariances divided by N - 1 (Dowson
// and Landau 1982). Too high for small collections: see FrechetDistanceAtInfinity and KernelDistance. Errors:
// InvalidArgument as CheckComparable with at least 2 points; Internal if a decomposition does not converge.
absl::StatusOr<CollectionDistance> FrechetDistance(const EmbeddingSet& reference,
                                                   const EmbeddingSet& evaluated);

// The sizes at which FAD-infinity looks: this many, spaced evenly from kLeastFrechetPoints to all points,
// rounded down.
inline constexpr int kFrechetSizes = 25;
inline constexpr int64_t kLeastFrechetPoints = 500;

struct FrechetAtInfinity {
  struct Point {
    int64_t size = 0;
    double distance = 0;
  };
  CollectionDistance distance;  // the line's value at 1 / N = 0
  double slope = 0;
  double r_squared = 0;  // how well the line fits; 1 is perfectly
  std::vector<Point> points;
};

// FAD without the bias of a finite evaluated collection: FAD of random draws (with replacement) of
// kFrechetSizes sizes, a least-squares line through them against 1 / N, its value at 0 (Chong and Forsyth
// 2020, arXiv 1911.07023; sizes and draws as Gui et al. 2023, arXiv 2311.01616). The same for the same
// `seed`. Errors: as FrechetDistance; FailedPrecondition if `evaluated` does not have more than
// kLeastFrechetPoints.
absl::StatusOr<FrechetAtInfinity> FrechetDistanceAtInfinity(const EmbeddingSet& reference,
                                                            const EmbeddingSet& evaluated, uint64_t seed);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_MEASURES_FRECHET_DISTANCE_H_
