#include "coordinator/aggregation/decode.h"

#include <cstddef>
#include <cstring>

#include "common/update/vector_clones.h"

namespace consort::coordinator {
namespace {

constexpr uint32_t kExponent = 0x7F800000;  // all ones in NaN and infinity alone

CONSORT_VECTOR_CLONES void DecodeAll(const int32_t* __restrict sum, size_t count, double unit,
                                     float* __restrict values) {
  for (size_t i = 0; i < count; ++i) values[i] = static_cast<float>(sum[i] * unit);
}

CONSORT_VECTOR_CLONES uint32_t FindNotFinite(const float* values, size_t count) {
  uint32_t found = 0;
  for (size_t i = 0; i < count; ++i) {
    uint32_t bits;
    std::memcpy(&bits, values + i, sizeof(bits));
    found |= (bits & kExponent) == kExponent ? 1 : 0;
  }
  return found;
}

}  // namespace

void DecodeDeltas(absl::Span<const int32_t> sum, double unit, absl::Span<float> values) {
  DecodeAll(sum.data(), sum.size(), unit, values.data());
}

bool AllFinite(absl::Span<const float> values) { return FindNotFinite(values.data(), values.size()) == 0; }

}  // namespace consort::coordinator
