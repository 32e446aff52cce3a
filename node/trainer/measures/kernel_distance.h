// The kernel audio distance (KAD, Chung et al. 2025, arXiv 2502.15602): whether two collections sound alike,
// fit for the small collections that archives have.
#ifndef CONSORT_NODE_TRAINER_MEASURES_KERNEL_DISTANCE_H_
#define CONSORT_NODE_TRAINER_MEASURES_KERNEL_DISTANCE_H_

#include "absl/status/statusor.h"
#include "node/trainer/measures/embedding_set.h"

namespace consort::trainer {

// Published values, and those here, are the squared discrepancy times this.
inline constexpr double kKernelDistanceScale = 100;
// The bandwidth's median looks at this many reference points at most, spaced evenly: two million distances.
inline constexpr int64_t kMedianPoints = 2000;

// kKernelDistanceScale times the unbiased estimate of the squared maximum mean discrepancy,
//   mean over i != j of k(x_i, x_j) + mean over i != j of k(y_i, y_j) - 2 mean over i, j of k(x_i, y_j)
// (Gretton et al. 2012, equation 3), with k(a, b) = exp(-|a - b|^2 / (2 s^2)) and s the median distance of
// two points of the reference (of an even number of distances the lower middle one). Without bias it may be
// below 0 for equal collections. Time grows with the product of the sizes; memory does not. Errors:
// InvalidArgument as CheckComparable with at least 2 points, or if the reference's median distance is 0.
absl::StatusOr<CollectionDistance> KernelDistance(const EmbeddingSet& reference,
                                                  const EmbeddingSet& evaluated);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_MEASURES_KERNEL_DISTANCE_H_
