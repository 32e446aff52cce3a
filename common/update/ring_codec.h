// Turns a client update into ring integers and back. Works on blocks, so memory is bounded whatever the
// model.
#ifndef CONSORT_COMMON_UPDATE_RING_CODEC_H_
#define CONSORT_COMMON_UPDATE_RING_CODEC_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/update/manifest.h"
#include "common/update/ring_kernels.h"

namespace consort {

// First pass over the values: checks that they are finite and finds the L2 norm of the deltas. Not
// thread-safe.
class NormMeter {
 public:
  explicit NormMeter(const Manifest& manifest);  // borrowed
  // `values`: the next float32 values of the vector, deltas then statistics, any number at a time.
  // Errors: InvalidArgument naming segment and index for NaN or infinity, a statistic over its bound or off
  // its quantum, or too many values. After an error the meter is as it was before the call.
  absl::Status Add(absl::Span<const float> values);
  // Errors: InvalidArgument if fewer values came than the manifest has.
  absl::Status Finish() const;
  double delta_norm() const;

 private:
  const Manifest& manifest_;
  int64_t position_ = 0;
  SquareLanes squares_;
};

// Second pass: encodes. Stochastic rounding draws from a counter-based generator keyed by `seed`, so the same
// values, manifest and seed give the same bytes wherever the blocks are cut and whatever the
// processor. The values must be those that a NormMeter accepted. Not thread-safe.
class RingEncoder {
 public:
  // `manifest` is borrowed; `weight` in [1, max_weight]; `delta_norm` from NormMeter; `seed` from
  // RoundingKey. Errors: InvalidArgument for a weight outside, or a norm that is negative or not finite.
  static absl::StatusOr<RingEncoder> Create(const Manifest& manifest, uint32_t weight, double delta_norm,
                                            uint64_t seed);
  // Encodes the next values into `ring`. Errors: InvalidArgument past the end or for another length of
  // `ring`; the encoder is then as it was.
  absl::Status Encode(absl::Span<const float> values, absl::Span<uint32_t> ring);
  // Goes on behind the next `count` values, which were encoded before with the same terms. Errors:
  // InvalidArgument past the end.
  absl::Status Skip(int64_t count);
  // The last coordinate. Errors: FailedPrecondition unless all values have been encoded.
  absl::StatusOr<uint32_t> Weight() const;
  bool clipped() const { return clipped_; }  // the norm was above the bound and the deltas were scaled down

 private:
  RingEncoder(const Manifest& manifest, uint32_t weight, bool clipped, double factor, uint64_t seed)
      : manifest_(&manifest), weight_(weight), clipped_(clipped), factor_(factor), seed_(seed) {}
  const Manifest* manifest_;
  uint32_t weight_;
  bool clipped_;
  double factor_;  // ring steps per unit of delta, clip and pre-weight included
  uint64_t seed_;
  int64_t position_ = 0;
};

// The coordinator's check of one update in plain mode, over the payload as it lies. Not thread-safe.
class UpdateChecker {
 public:
  // `weight`: what round-open granted this archive.
  UpdateChecker(const Manifest& manifest, uint32_t weight);  // manifest borrowed
  // The next ring values. Errors: InvalidArgument "wrong-length" past the end; the checker is then as it was.
  absl::Status Add(absl::Span<const uint32_t> ring);
  // A norm is above the clip when it is more than sqrt(delta coordinates) ring steps above: stochastic
  // rounding moves each coordinate by less than one step. Errors: InvalidArgument with a reason code first:
  // "wrong-length", "weight-above-granted", "weight-zero", "norm-above-clip", "statistic-above-bound"; then
  // object, found and expected.
  absl::Status Finish() const;
  double delta_norm() const;  // decoded, before weighting; valid after Finish returned OK

 private:
  const Manifest& manifest_;
  uint32_t granted_weight_;
  int64_t position_ = 0;
  SquareLanes squares_;
  int64_t bad_statistic_ = -1;
  uint32_t weight_ = 0;
};

}  // namespace consort

#endif  // CONSORT_COMMON_UPDATE_RING_CODEC_H_
