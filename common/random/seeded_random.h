// Random choices that must come out the same on every machine, drawn from a seed.
#ifndef CONSORT_COMMON_RANDOM_SEEDED_RANDOM_H_
#define CONSORT_COMMON_RANDOM_SEEDED_RANDOM_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace consort {

// Derives a 64-bit seed: the first 8 bytes, little-endian, of the SHA-256 of the parts, each preceded by its
// length as 8 bytes, little-endian (so that {"ab", "c"} and {"a", "bc"} differ).
uint64_t SeedFrom(absl::Span<const absl::string_view> parts);

// The generator splitmix64 (Steele, Lea and Flood 2014). A value; not thread-safe. Not for secrets.
class SeededRandom {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}

  // The seed of a generator that goes on where this one stands.
  uint64_t state() const { return state_; }

  uint64_t Next();
  // Uniform in [0, 1), 53 bits.
  double Uniform();
  // Uniform in [0, bound); `bound` > 0. The bias is below bound / 2^64.
  uint64_t Below(uint64_t bound);

  // Fisher and Yates.
  template <typename T>
  void Shuffle(std::vector<T>& items) {
    for (size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[Below(i)]);
  }

 private:
  uint64_t state_;
};

}  // namespace consort

#endif  // CONSORT_COMMON_RANDOM_SEEDED_RANDOM_H_
