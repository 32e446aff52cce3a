#include "common/artifact/safetensors_dtype.h"

#include <limits>

namespace consort {
namespace {

struct ElementType {
  absl::string_view dtype;
  uint64_t bytes;
};

constexpr ElementType kElementTypes[] = {{"BOOL", 1}, {"U8", 1},  {"I8", 1},  {"F8_E5M2", 1}, {"F8_E4M3", 1},
                                         {"I16", 2},  {"U16", 2}, {"F16", 2}, {"BF16", 2},    {"I32", 4},
                                         {"U32", 4},  {"F32", 4}, {"F64", 8}, {"I64", 8},     {"U64", 8}};

}  // namespace

uint64_t SafetensorsElementBytes(absl::string_view dtype) {
  for (const ElementType& type : kElementTypes) {
    if (type.dtype == dtype) return type.bytes;
  }
  return 0;
}

std::optional<uint64_t> SafetensorsTensorBytes(absl::string_view dtype, const std::vector<int64_t>& shape) {
  uint64_t bytes = SafetensorsElementBytes(dtype);
  if (bytes == 0) return std::nullopt;
  for (const int64_t dimension : shape) {
    if (dimension < 0) return std::nullopt;
    if (__builtin_mul_overflow(bytes, static_cast<uint64_t>(dimension), &bytes)) return std::nullopt;
  }
  if (bytes > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) return std::nullopt;
  return bytes;
}

}  // namespace consort
