#include "common/update/ring_kernels.h"

#include <algorithm>
#include <cstddef>

#include "common/random/splitmix.h"
#include "common/update/vector_clones.h"

namespace consort {
namespace {

constexpr size_t kLanes = 8;

inline double ValueOf(float value) { return value; }
inline double ValueOf(uint32_t ring) { return static_cast<int32_t>(ring); }

template <class T>
inline __attribute__((always_inline)) void AddWholeRows(const T* values, size_t rows, double* lanes) {
  double sums[kLanes];
  for (size_t lane = 0; lane < kLanes; ++lane) sums[lane] = lanes[lane];
  for (size_t row = 0; row < rows; ++row) {
    for (size_t lane = 0; lane < kLanes; ++lane) {
      const double value = ValueOf(values[row * kLanes + lane]);
      sums[lane] += value * value;
    }
  }
  for (size_t lane = 0; lane < kLanes; ++lane) lanes[lane] = sums[lane];
}

CONSORT_VECTOR_CLONES void AddRows(const float* values, size_t rows, double* lanes) {
  AddWholeRows(values, rows, lanes);
}
CONSORT_VECTOR_CLONES void AddRows(const uint32_t* values, size_t rows, double* lanes) {
  AddWholeRows(values, rows, lanes);
}

// Single values up to a lane boundary, whole rows, and the rest.
template <class T>
void AddSquares(absl::Span<const T> values, int64_t position, double* lanes) {
  size_t next = 0;
  const auto add_one = [&] {
    const double value = ValueOf(values[next]);
    lanes[(position + next) % kLanes] += value * value;
    ++next;
  };
  while (next < values.size() && (position + next) % kLanes != 0) add_one();
  const size_t rows = (values.size() - next) / kLanes;
  AddRows(values.data() + next, rows, lanes);
  next += rows * kLanes;
  while (next < values.size()) add_one();
}

CONSORT_VECTOR_CLONES void EncodeAll(const float* __restrict values, size_t count, double factor,
                                     double limit, uint64_t counter, uint32_t* __restrict ring) {
  for (size_t i = 0; i < count; ++i) {
    const uint64_t bits = SplitMixNumber(counter + i * kSplitMixStep);
    const double u = static_cast<int32_t>(bits >> 40) * 0x1p-24;
    double x = values[i] * factor + u;
    x = x < limit ? x : limit;
    x = x > -limit ? x : -limit;
    const int32_t truncated = static_cast<int32_t>(x);
    ring[i] = static_cast<uint32_t>(truncated - (truncated > x ? 1 : 0));  // floor
  }
}

}  // namespace

void SquareLanes::Add(absl::Span<const float> values, int64_t position) {
  AddSquares(values, position, lanes_.data());
}

void SquareLanes::Add(absl::Span<const uint32_t> ring, int64_t position) {
  AddSquares(ring, position, lanes_.data());
}

double SquareLanes::Sum() const {
  double sum = 0;
  for (const double lane : lanes_) sum += lane;
  return sum;
}

uint64_t RoundingBits(uint64_t key, int64_t position) {
  return SplitMixNumber(key + static_cast<uint64_t>(position) * kSplitMixStep);
}

void EncodeDeltas(absl::Span<const float> values, double factor, int64_t limit, uint64_t key,
                  int64_t position, uint32_t* ring) {
  EncodeAll(values.data(), values.size(), factor, static_cast<double>(limit),
            key + static_cast<uint64_t>(position) * kSplitMixStep, ring);
}

}  // namespace consort
