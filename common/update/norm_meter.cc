#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "common/update/ring_codec.h"

namespace consort {
namespace {

int64_t ValueCount(const Manifest& manifest) { return manifest.coordinates() - 1; }

absl::Status CheckFinite(const Manifest& manifest, absl::Span<const float> values, int64_t position) {
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "not-finite: the update holds NaN or infinity; train again with a smaller learning rate: ",
        manifest.Describe(position + i)));
  }
  return absl::OkStatus();
}

absl::Status CheckStatistics(const Manifest& manifest, absl::Span<const float> values, int64_t position) {
  RETURN_IF_ERROR(CheckFinite(manifest, values, position));
  for (size_t i = 0; i < values.size(); ++i) {
    const int64_t coordinate = position + static_cast<int64_t>(i);
    const Segment& segment = manifest.StatisticAt(coordinate);
    if (std::abs(double{values[i]}) > segment.bound) {
      return absl::InvalidArgumentError(
          absl::StrCat("statistic-above-bound: ", manifest.Describe(coordinate)));
    }
    const double steps = values[i] / segment.quantum;
    if (steps != std::floor(steps)) {
      return absl::InvalidArgumentError(
          absl::StrCat("statistic-off-quantum: ", manifest.Describe(coordinate)));
    }
  }
  return absl::OkStatus();
}

}  // namespace

NormMeter::NormMeter(const Manifest& manifest) : manifest_(manifest) {}

absl::Status NormMeter::Add(absl::Span<const float> values) {
  const int64_t count = static_cast<int64_t>(values.size());
  if (count > ValueCount(manifest_) - position_) {
    return absl::InvalidArgumentError(
        absl::StrCat("wrong-length: the update has more values than its manifest: ", position_ + count,
                     ", expected ", ValueCount(manifest_)));
  }
  const int64_t deltas = std::clamp<int64_t>(manifest_.delta_coordinates() - position_, 0, count);
  SquareLanes squares = squares_;
  squares.Add(values.first(deltas), position_);
  // One value that is not finite makes its lane so: the search for it is only made then.
  if (!std::isfinite(squares.Sum())) RETURN_IF_ERROR(CheckFinite(manifest_, values.first(deltas), position_));
  RETURN_IF_ERROR(CheckStatistics(manifest_, values.subspan(deltas), position_ + deltas));
  squares_ = squares;
  position_ += count;
  return absl::OkStatus();
}

absl::Status NormMeter::Finish() const {
  if (position_ == ValueCount(manifest_)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("wrong-length: the update has fewer values than its manifest: ", position_, ", expected ",
                   ValueCount(manifest_)));
}

double NormMeter::delta_norm() const { return std::sqrt(squares_.Sum()); }

}  // namespace consort
