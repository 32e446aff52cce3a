// Ring integers back to numbers, and the check that numbers are finite.
#ifndef CONSORT_COORDINATOR_AGGREGATION_DECODE_H_
#define CONSORT_COORDINATOR_AGGREGATION_DECODE_H_

#include <cstdint>

#include "absl/types/span.h"

namespace consort::coordinator {

// values[i] = sum[i] * unit, computed in binary64 and rounded once to binary32. `values` has the length of
// `sum`.
void DecodeDeltas(absl::Span<const int32_t> sum, double unit, absl::Span<float> values);

// True if no value is NaN or infinite.
bool AllFinite(absl::Span<const float> values);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_AGGREGATION_DECODE_H_
