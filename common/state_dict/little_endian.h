// Integers as ZIP and pickle have them in a file.
#ifndef CONSORT_COMMON_STATE_DICT_LITTLE_ENDIAN_H_
#define CONSORT_COMMON_STATE_DICT_LITTLE_ENDIAN_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace consort {

// The unsigned integer at `offset`, low byte first. Precondition: it lies within `bytes`.
template <class Integer>
Integer ReadLittle(absl::string_view bytes, size_t offset) {
  Integer value = 0;
  for (size_t i = 0; i < sizeof(Integer); ++i) {
    value |= static_cast<Integer>(static_cast<Integer>(static_cast<uint8_t>(bytes[offset + i])) << (8 * i));
  }
  return value;
}

}  // namespace consort

#endif  // CONSORT_COMMON_STATE_DICT_LITTLE_ENDIAN_H_
