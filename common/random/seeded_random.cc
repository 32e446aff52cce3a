#include "common/random/seeded_random.h"

#include "common/crypto/digest.h"
#include "common/random/splitmix.h"

namespace consort {

uint64_t SeedFrom(absl::Span<const absl::string_view> parts) {
  Sha256 hash;
  for (absl::string_view part : parts) {
    char length[8];
    for (int i = 0; i < 8; ++i) length[i] = static_cast<char>(static_cast<uint64_t>(part.size()) >> (8 * i));
    hash.Update({length, sizeof(length)});
    hash.Update(part);
  }
  const Digest digest = hash.Finish();
  uint64_t seed = 0;
  for (int i = 7; i >= 0; --i) seed = seed << 8 | digest[i];
  return seed;
}

uint64_t SeededRandom::Next() {
  state_ += kSplitMixStep;
  return SplitMixNumber(state_);
}

double SeededRandom::Uniform() { return static_cast<double>(Next() >> 11) * 0x1p-53; }

uint64_t SeededRandom::Below(uint64_t bound) {
  return static_cast<uint64_t>((static_cast<unsigned __int128>(Next()) * bound) >> 64);
}

}  // namespace consort
