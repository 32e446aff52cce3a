// The element types of safetensors.
#ifndef CONSORT_COMMON_ARTIFACT_SAFETENSORS_DTYPE_H_
#define CONSORT_COMMON_ARTIFACT_SAFETENSORS_DTYPE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/string_view.h"

namespace consort {

// Bytes of one element; 0 for a dtype that the format does not have.
uint64_t SafetensorsElementBytes(absl::string_view dtype);

// Bytes of a tensor; nothing for an unknown dtype, a negative dimension or a size past 2^63 - 1.
std::optional<uint64_t> SafetensorsTensorBytes(absl::string_view dtype, const std::vector<int64_t>& shape);

}  // namespace consort

#endif  // CONSORT_COMMON_ARTIFACT_SAFETENSORS_DTYPE_H_
