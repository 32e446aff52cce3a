#include "node/trainer/measures/frechet_distance.h"

#include <Eigen/Eigenvalues>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "node/trainer/measures/embedding_points.h"
#include "common/random/seeded_random.h"

namespace consort::trainer {
namespace {

struct Gaussian {
  Eigen::VectorXd mean;
  Eigen::MatrixXd covariance;
};

Gaussian GaussianOf(Points points) {
  Gaussian gaussian;
  gaussian.mean = points.colwise().mean().transpose();
  points.rowwise() -= gaussian.mean.transpose();
  gaussian.covariance = points.transpose() * points / static_cast<double>(points.rows() - 1);
  return gaussian;
}

// A symmetric root R with R R = the reference's covariance turns tr((S1 S2)^(1/2)) into the sum of the roots
// of the eigenvalues of R S2 R, which is symmetric too: no complex numbers and no trouble where S1 S2 is
// singular.
class FrechetFrom {
 public:
  static absl::StatusOr<FrechetFrom> Create(const Points& reference) {
    FrechetFrom from;
    from.gaussian_ = GaussianOf(reference);
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(from.gaussian_.covariance);
    if (solver.info() != Eigen::Success) return NoConvergence();
    from.root_ = solver.eigenvectors() * solver.eigenvalues().cwiseMax(0).cwiseSqrt().asDiagonal() *
                 solver.eigenvectors().transpose();
    return from;
  }

  absl::StatusOr<double> To(const Points& evaluated) const {
    const Gaussian other = GaussianOf(evaluated);
    const Eigen::MatrixXd product = root_ * other.covariance * root_;
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(product, Eigen::EigenvaluesOnly);
    if (solver.info() != Eigen::Success) return NoConvergence();
    return (gaussian_.mean - other.mean).squaredNorm() + gaussian_.covariance.trace() +
           other.covariance.trace() - 2 * solver.eigenvalues().cwiseMax(0).cwiseSqrt().sum();
  }

 private:
  static absl::Status NoConvergence() {
    return absl::InternalError("a covariance's eigenvalues did not converge");
  }
  Gaussian gaussian_;
  Eigen::MatrixXd root_;
};

// The least-squares line of the distances against 1 / size, into `result`.
void FitLine(FrechetAtInfinity& result) {
  const auto count = static_cast<double>(result.points.size());
  double mean_x = 0, mean_y = 0;
  for (const auto& point : result.points) {
    mean_x += 1 / static_cast<double>(point.size) / count;
    mean_y += point.distance / count;
  }
  double xx = 0, xy = 0, yy = 0;
  for (const auto& point : result.points) {
    const double x = 1 / static_cast<double>(point.size) - mean_x, y = point.distance - mean_y;
    xx += x * x;
    xy += x * y;
    yy += y * y;
  }
  result.slope = xy / xx;
  result.distance.value = mean_y - result.slope * mean_x;
  result.r_squared = yy > 0 ? xy * xy / (xx * yy) : 1;
}

}  // namespace

absl::StatusOr<CollectionDistance> FrechetDistance(const EmbeddingSet& reference,
                                                   const EmbeddingSet& evaluated) {
  RETURN_IF_ERROR(CheckComparable(reference, evaluated, /*least=*/2));
  ASSIGN_OR_RETURN(const FrechetFrom from, FrechetFrom::Create(PointsOf(reference)));
  ASSIGN_OR_RETURN(const double value, from.To(PointsOf(evaluated)));
  return DistanceOf(reference, evaluated, "FAD", value);
}

absl::StatusOr<FrechetAtInfinity> FrechetDistanceAtInfinity(const EmbeddingSet& reference,
                                                            const EmbeddingSet& evaluated, uint64_t seed) {
  RETURN_IF_ERROR(CheckComparable(reference, evaluated, /*least=*/2));
  const int64_t all = evaluated.count();
  if (all <= kLeastFrechetPoints) {
    return absl::FailedPreconditionError(absl::StrCat("FAD-infinity needs more than ", kLeastFrechetPoints,
                                                      " points; use the kernel distance: ", all));
  }
  ASSIGN_OR_RETURN(const FrechetFrom from, FrechetFrom::Create(PointsOf(reference)));
  const Points points = PointsOf(evaluated);
  SeededRandom random(seed);
  FrechetAtInfinity result;
  for (int step = 0; step < kFrechetSizes; ++step) {
    const int64_t size = kLeastFrechetPoints + (all - kLeastFrechetPoints) * step / (kFrechetSizes - 1);
    Points draw(size, points.cols());
    for (int64_t i = 0; i < size; ++i) draw.row(i) = points.row(static_cast<int64_t>(random.Below(all)));
    ASSIGN_OR_RETURN(const double distance, from.To(draw));
    result.points.push_back({size, distance});
  }
  result.distance = DistanceOf(
      reference, evaluated,
      absl::StrCat("FAD-infinity (", kFrechetSizes, " sizes from ", kLeastFrechetPoints, " to ", all, ")"),
      0);
  FitLine(result);
  return result;
}

}  // namespace consort::trainer
