// One fuzz input as several pieces of bytes.
#ifndef CONSORT_TESTS_FUZZ_SUPPORT_CHUNKS_H_
#define CONSORT_TESTS_FUZZ_SUPPORT_CHUNKS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"

namespace consort::testing {

// Each piece is its length in two bytes, the smaller first, and then so many bytes, or as many as are left.
inline std::vector<absl::string_view> Chunks(const uint8_t* data, size_t size) {
  absl::string_view rest(reinterpret_cast<const char*>(data), size);
  std::vector<absl::string_view> chunks;
  while (rest.size() >= 2) {
    const size_t length = static_cast<uint8_t>(rest[0]) | static_cast<uint8_t>(rest[1]) << 8;
    rest.remove_prefix(2);
    chunks.push_back(rest.substr(0, length));
    rest.remove_prefix(std::min(length, rest.size()));
  }
  return chunks;
}

}  // namespace consort::testing

#endif  // CONSORT_TESTS_FUZZ_SUPPORT_CHUNKS_H_
