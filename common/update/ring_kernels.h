// The inner loops of the ring codec over plain arrays. Each gives the same bits wherever its input is cut
// into blocks and on every processor.
#ifndef CONSORT_COMMON_UPDATE_RING_KERNELS_H_
#define CONSORT_COMMON_UPDATE_RING_KERNELS_H_

#include <array>
#include <cstdint>

#include "absl/types/span.h"

namespace consort {

// A sum of squares in binary64. The value at position p of the vector is added in lane p mod 8, so that the
// order of additions depends on positions alone while the processor adds eight at once.
class SquareLanes {
 public:
  // `position` of the first value in the whole vector. Never overflows for floats or ring integers: a lane is
  // not finite exactly when a value was not.
  void Add(absl::Span<const float> values, int64_t position);
  void Add(absl::Span<const uint32_t> ring, int64_t position);  // two's complement
  double Sum() const;

 private:
  std::array<double, 8> lanes_ = {};
};

// The 64 random bits of `position` under `key`: SplitMixNumber(key + position * kSplitMixStep).
uint64_t RoundingBits(uint64_t key, int64_t position);

// ring[i] = floor(values[i] * factor + u), u in [0, 1) from the top 24 RoundingBits, held within [-limit,
// limit] (a value at the clip norm may otherwise round one step past it). Not a number gives `limit`: nothing
// is undefined.
void EncodeDeltas(absl::Span<const float> values, double factor, int64_t limit, uint64_t key,
                  int64_t position, uint32_t* ring);

}  // namespace consort

#endif  // CONSORT_COMMON_UPDATE_RING_KERNELS_H_
