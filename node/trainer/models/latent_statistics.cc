#include "node/trainer/models/latent_statistics.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"

namespace consort::trainer {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using FloatMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

template <class Value>
bool AllFinite(absl::Span<const Value> values) {
  return std::all_of(values.begin(), values.end(), [](Value value) { return std::isfinite(value); });
}

// A direction and its opposite explain the same: one of the two is chosen, so that the same sums give the
// same basis.
void TurnUpright(Eigen::VectorXd& direction) {
  Eigen::Index largest = 0;
  direction.cwiseAbs().maxCoeff(&largest);
  if (direction[largest] < 0) direction = -direction;
}

absl::Status CheckSums(int64_t latent_size, absl::Span<const double> sums) {
  const size_t expected = static_cast<size_t>(1 + latent_size + latent_size * latent_size);
  if (latent_size < 1 || sums.size() != expected) {
    return absl::InvalidArgumentError(absl::StrCat("latent sums must be 1 + L + L * L for L = ", latent_size,
                                                   " latents: ", sums.size(), " found, ", expected,
                                                   " expected"));
  }
  if (!AllFinite(sums)) return absl::OutOfRangeError("not-finite: a latent sum is NaN or infinite");
  if (sums[0] < 0 || sums[0] != std::floor(sums[0])) {
    return absl::InvalidArgumentError(
        absl::StrCat("the number of latent frames must be a whole number, found ", sums[0]));
  }
  if (sums[0] < kLeastLatentFrames) {
    return absl::FailedPreconditionError(
        absl::StrCat("too-few-latent-frames: the latents' directions need more audio: ", sums[0],
                     " frames, at least ", kLeastLatentFrames, " expected"));
  }
  return absl::OkStatus();
}

}  // namespace

LatentSums::LatentSums(int64_t latent_size)
    : latent_size_(latent_size), values_(1 + latent_size + latent_size * latent_size) {}

absl::Status LatentSums::Add(absl::Span<const float> means) {
  if (means.size() % latent_size_ != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("latents must be whole frames of ", latent_size_, " values, got ", means.size()));
  }
  if (!AllFinite(means)) return absl::OutOfRangeError("not-finite: a latent is NaN or infinite");
  const int64_t frames = static_cast<int64_t>(means.size()) / latent_size_;
  const Matrix latents = Eigen::Map<const FloatMatrix>(means.data(), latent_size_, frames).cast<double>();
  values_[0] += static_cast<double>(frames);
  Eigen::Map<Eigen::VectorXd>(values_.data() + 1, latent_size_) += latents.rowwise().sum();
  Eigen::Map<Matrix>(values_.data() + 1 + latent_size_, latent_size_, latent_size_) +=
      latents * latents.transpose();
  return absl::OkStatus();
}

int64_t LatentAnalysis::DirectionsFor(double share) const {
  const auto enough = std::upper_bound(fidelity.begin(), fidelity.end(), share);
  return std::min<int64_t>(enough - fidelity.begin() + 1, static_cast<int64_t>(fidelity.size()));
}

absl::StatusOr<LatentAnalysis> AnalyseLatents(int64_t latent_size, absl::Span<const double> sums) {
  const absl::Status checked = CheckSums(latent_size, sums);
  if (!checked.ok()) return checked;
  const double frames = sums[0];
  const Eigen::VectorXd mean = Eigen::Map<const Eigen::VectorXd>(sums.data() + 1, latent_size) / frames;
  const Matrix products = Eigen::Map<const Matrix>(sums.data() + 1 + latent_size, latent_size, latent_size);
  // Sums that were rounded on their way need not be symmetric to the last bit.
  const Matrix covariance = (products + products.transpose()) / (2 * frames) - mean * mean.transpose();
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(covariance);
  if (solver.info() != Eigen::Success) {
    return absl::InternalError("the eigenvalues of the latents' covariance did not converge");
  }

  LatentAnalysis analysis;
  analysis.frames = static_cast<int64_t>(frames);
  analysis.mean.assign(mean.begin(), mean.end());
  const Eigen::VectorXd variances = solver.eigenvalues().cwiseMax(0);  // rounding can leave one below zero
  const double total = variances.sum();
  double explained = 0;
  for (int64_t i = latent_size - 1; i >= 0; --i) {  // the solver's order is rising
    Eigen::VectorXd direction = solver.eigenvectors().col(i);
    TurnUpright(direction);
    analysis.basis.insert(analysis.basis.end(), direction.begin(), direction.end());
    explained += variances[i];
    analysis.fidelity.push_back(total > 0 ? std::min(1.0, explained / total) : 1.0);
  }
  return analysis;
}

}  // namespace consort::trainer
