#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "common/update/ring_codec.h"

namespace consort {

absl::StatusOr<RingEncoder> RingEncoder::Create(const Manifest& manifest, uint32_t weight, double delta_norm,
                                                uint64_t seed) {
  const Manifest::Terms& terms = manifest.terms();
  if (weight < 1 || weight > terms.max_weight) {
    return absl::InvalidArgumentError(absl::StrCat(
        "an update's weight is outside what the job allows: ", weight, ", expected 1 to ", terms.max_weight));
  }
  if (!std::isfinite(delta_norm) || delta_norm < 0) {
    return absl::InvalidArgumentError("an update's norm is not a finite number of at least 0");
  }
  const bool clipped = delta_norm > terms.clip_norm;
  const double clip = clipped ? terms.clip_norm / delta_norm : 1.0;
  const double share = static_cast<double>(weight) / terms.max_weight;
  return RingEncoder(manifest, weight, clipped, clip * share * manifest.scale(), seed);
}

absl::Status RingEncoder::Encode(absl::Span<const float> values, absl::Span<uint32_t> ring) {
  const int64_t left = manifest_->coordinates() - 1 - position_;
  const int64_t count = static_cast<int64_t>(values.size());
  if (count > left || values.size() != ring.size()) {
    return absl::InvalidArgumentError(absl::StrCat("an encoder was given ", count, " values and room for ",
                                                   ring.size(), ", the manifest has ", left, " left"));
  }
  const int64_t deltas = std::clamp<int64_t>(manifest_->delta_coordinates() - position_, 0, count);
  EncodeDeltas(values.first(deltas), factor_, manifest_->delta_limit(), seed_, position_, ring.data());
  for (int64_t i = deltas; i < count; ++i) {
    // Exact: the meter has found the value to be a whole number of quanta within the bound.
    const double steps = values[i] / manifest_->StatisticAt(position_ + i).quantum;
    ring[i] = static_cast<uint32_t>(static_cast<int32_t>(steps));
  }
  position_ += count;
  return absl::OkStatus();
}

absl::Status RingEncoder::Skip(int64_t count) {
  const int64_t left = manifest_->coordinates() - 1 - position_;
  if (count < 0 || count > left) {
    return absl::InvalidArgumentError(
        absl::StrCat("an encoder was told to skip ", count, " values, the manifest has ", left, " left"));
  }
  position_ += count;
  return absl::OkStatus();
}

absl::StatusOr<uint32_t> RingEncoder::Weight() const {
  if (position_ != manifest_->coordinates() - 1) {
    return absl::FailedPreconditionError(absl::StrCat("the weight comes after all values: ", position_,
                                                      " of ", manifest_->coordinates() - 1, " are encoded"));
  }
  return weight_;
}

}  // namespace consort
