#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "common/update/ring_codec.h"

namespace consort {
namespace {

// Covers the rounding of binary64 in encoder and checker, which is some 1e-12 of the norm.
constexpr double kArithmeticSlack = 1e-9;

absl::Status WrongLength(int64_t found, int64_t expected) {
  return absl::InvalidArgumentError(absl::StrCat(
      "wrong-length: the update does not have its manifest's coordinates: ", found, ", expected ", expected));
}

}  // namespace

UpdateChecker::UpdateChecker(const Manifest& manifest, uint32_t weight)
    : manifest_(manifest), granted_weight_(weight) {}

absl::Status UpdateChecker::Add(absl::Span<const uint32_t> ring) {
  const int64_t count = static_cast<int64_t>(ring.size());
  if (count > manifest_.coordinates() - position_)
    return WrongLength(position_ + count, manifest_.coordinates());
  const int64_t deltas = std::clamp<int64_t>(manifest_.delta_coordinates() - position_, 0, count);
  squares_.Add(ring.first(deltas), position_);
  for (int64_t i = deltas; i < count; ++i) {
    const int64_t coordinate = position_ + i;
    if (coordinate == manifest_.coordinates() - 1) {
      weight_ = ring[i];
      continue;
    }
    const Segment& segment = manifest_.StatisticAt(coordinate);
    const double steps = std::abs(static_cast<double>(static_cast<int32_t>(ring[i])));
    if (steps > segment.bound / segment.quantum && bad_statistic_ < 0) bad_statistic_ = coordinate;
  }
  position_ += count;
  return absl::OkStatus();
}

absl::Status UpdateChecker::Finish() const {
  if (position_ != manifest_.coordinates()) return WrongLength(position_, manifest_.coordinates());
  if (weight_ == 0)
    return absl::InvalidArgumentError("weight-zero: the update's weight is 0, expected at least 1");
  if (weight_ > granted_weight_) {
    return absl::InvalidArgumentError(absl::StrCat("weight-above-granted: the update's weight is ", weight_,
                                                   ", round-open granted ", granted_weight_));
  }
  if (bad_statistic_ >= 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("statistic-above-bound: ", manifest_.Describe(bad_statistic_)));
  }
  const double share = static_cast<double>(weight_) / manifest_.terms().max_weight;
  const double clip_steps = share * static_cast<double>(manifest_.delta_limit());
  const double rounding_steps = std::sqrt(static_cast<double>(manifest_.delta_coordinates()));
  if (std::sqrt(squares_.Sum()) > clip_steps * (1 + kArithmeticSlack) + rounding_steps) {
    return absl::InvalidArgumentError(absl::StrCat("norm-above-clip: the update's norm is ", delta_norm(),
                                                   ", the job's clip norm is ", manifest_.terms().clip_norm));
  }
  return absl::OkStatus();
}

double UpdateChecker::delta_norm() const {
  const double share = static_cast<double>(weight_) / manifest_.terms().max_weight;
  return std::sqrt(squares_.Sum()) / (manifest_.scale() * share);
}

}  // namespace consort
