#include <bit>
#include <cmath>

#include "common/state_dict/little_endian.h"
#include "common/state_dict/state_dict.h"

namespace consort {
namespace {

// IEEE 754's binary16: 5 bits of exponent, 10 of fraction.
float FromHalf(uint16_t bits) {
  const int exponent = bits >> 10 & 0x1F, fraction = bits & 0x3FF;
  float value = 0;
  if (exponent == 0x1F) {
    value = fraction == 0 ? INFINITY : NAN;
  } else if (exponent == 0) {
    value = std::ldexp(static_cast<float>(fraction), -24);
  } else {
    value = std::ldexp(static_cast<float>(fraction + 0x400), exponent - 25);
  }
  return bits & 0x8000 ? -value : value;
}

float ReadValue(absl::string_view dtype, absl::string_view storage, size_t index) {
  if (dtype == "F32") return std::bit_cast<float>(ReadLittle<uint32_t>(storage, 4 * index));
  if (dtype == "F64") {
    return static_cast<float>(std::bit_cast<double>(ReadLittle<uint64_t>(storage, 8 * index)));
  }
  const uint16_t bits = ReadLittle<uint16_t>(storage, 2 * index);
  if (dtype == "BF16") return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
  return FromHalf(bits);
}

}  // namespace

bool HasFloats(const StoredTensor& tensor) {
  return tensor.dtype == "F32" || tensor.dtype == "F16" || tensor.dtype == "BF16" || tensor.dtype == "F64";
}

std::vector<float> FloatValues(const StoredTensor& tensor) {
  size_t count = 1;
  for (const int64_t extent : tensor.shape) count *= extent;
  std::vector<float> values;
  values.reserve(count);
  std::vector<int64_t> index(tensor.shape.size(), 0);
  int64_t at = tensor.offset;
  while (values.size() < count) {
    values.push_back(ReadValue(tensor.dtype, tensor.storage, at));
    for (size_t i = index.size(); i-- > 0;) {  // the next index in C order
      at += tensor.strides[i];
      if (++index[i] < tensor.shape[i]) break;
      at -= tensor.strides[i] * tensor.shape[i];
      index[i] = 0;
    }
  }
  return values;
}

}  // namespace consort
