// The arithmetic of splitmix64 (Steele, Lea and Flood 2014, Fast Splittable Pseudorandom Number Generators).
#ifndef CONSORT_COMMON_RANDOM_SPLITMIX_H_
#define CONSORT_COMMON_RANDOM_SPLITMIX_H_

#include <cstdint>

namespace consort {

// What its state grows by with each number.
inline constexpr uint64_t kSplitMixStep = 0x9E3779B97F4A7C15u;

// The number that a state stands for.
constexpr uint64_t SplitMixNumber(uint64_t state) {
  state = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9u;
  state = (state ^ (state >> 27)) * 0x94D049BB133111EBu;
  return state ^ (state >> 31);
}

}  // namespace consort

#endif  // CONSORT_COMMON_RANDOM_SPLITMIX_H_
