#include "node/trainer/measures/kernel_distance.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/str_format.h"
#include "common/status/macros.h"
#include "node/trainer/measures/embedding_points.h"

namespace consort::trainer {
namespace {

// Squared distances of rows [begin, begin + rows) of `a` to all rows of `b`. Exactly 0 for a point and itself
// would need care; callers leave those pairs out.
Eigen::MatrixXd SquaredDistances(const Points& a, Eigen::Index begin, Eigen::Index rows, const Points& b) {
  const auto block = a.middleRows(begin, rows);
  Eigen::MatrixXd squares = -2 * block * b.transpose();
  squares.colwise() += block.rowwise().squaredNorm();
  squares.rowwise() += b.rowwise().squaredNorm().transpose();
  return squares.cwiseMax(0);
}

double MedianDistance(const Points& points) {
  const Eigen::Index used = std::min<Eigen::Index>(points.rows(), kMedianPoints);
  Points chosen(used, points.cols());
  for (Eigen::Index i = 0; i < used; ++i) chosen.row(i) = points.row(i * points.rows() / used);
  std::vector<double> squares;
  squares.reserve(static_cast<size_t>(used * (used - 1) / 2));
  for (Eigen::Index i = 0; i + 1 < used; ++i) {
    for (Eigen::Index j = i + 1; j < used; ++j)
      squares.push_back((chosen.row(i) - chosen.row(j)).squaredNorm());
  }
  const auto middle = squares.begin() + static_cast<int64_t>(squares.size() - 1) / 2;
  std::nth_element(squares.begin(), middle, squares.end());
  return std::sqrt(*middle);
}

// The sum of the kernel over pairs of rows; of `a` with itself without the diagonal.
double KernelSum(const Points& a, const Points& b, double bandwidth) {
  constexpr Eigen::Index kBlockRows = 128;
  const double gamma = 1 / (2 * bandwidth * bandwidth);
  const bool same = &a == &b;
  double sum = 0;
  for (Eigen::Index begin = 0; begin < a.rows(); begin += kBlockRows) {
    const Eigen::Index rows = std::min(kBlockRows, a.rows() - begin);
    Eigen::MatrixXd kernel = (-gamma * SquaredDistances(a, begin, rows, b)).array().exp().matrix();
    for (Eigen::Index i = 0; same && i < rows; ++i) kernel(i, begin + i) = 0;
    sum += kernel.sum();
  }
  return sum;
}

}  // namespace

absl::StatusOr<CollectionDistance> KernelDistance(const EmbeddingSet& reference,
                                                  const EmbeddingSet& evaluated) {
  RETURN_IF_ERROR(CheckComparable(reference, evaluated, /*least=*/2));
  const Points x = PointsOf(reference), y = PointsOf(evaluated);
  const double bandwidth = MedianDistance(x);
  if (!(bandwidth > 0)) {
    return absl::InvalidArgumentError(
        "the kernel distance needs a reference whose points differ: median distance 0");
  }
  const auto m = static_cast<double>(x.rows()), n = static_cast<double>(y.rows());
  const double discrepancy = KernelSum(x, x, bandwidth) / (m * (m - 1)) +
                             KernelSum(y, y, bandwidth) / (n * (n - 1)) -
                             2 * KernelSum(x, y, bandwidth) / (m * n);
  return DistanceOf(reference, evaluated,
                    absl::StrFormat("KAD (100 x unbiased MMD^2, Gaussian kernel, bandwidth %.6g)", bandwidth),
                    kKernelDistanceScale * discrepancy);
}

}  // namespace consort::trainer
