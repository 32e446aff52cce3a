#include "coordinator/rounds/paired_bootstrap.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace consort::coordinator {
namespace {

// splitmix64 (Steele, Lea and Flood 2014): a fixed sequence on every platform, which std's distributions are
// not.
class SplitMix {
 public:
  explicit SplitMix(uint64_t seed) : state_(seed) {}
  // Uniform in [0, bound), by the high half of a 128-bit product; the bias is below bound / 2^64.
  uint64_t Below(uint64_t bound) {
    state_ += 0x9E3779B97F4A7C15u;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    z ^= z >> 31;
    return static_cast<uint64_t>((static_cast<__uint128_t>(z) * bound) >> 64);
  }

 private:
  uint64_t state_;
};

}  // namespace

std::optional<Interval> PairedBootstrap(absl::Span<const double> differences, double level, uint64_t seed) {
  if (differences.size() < kMinPairs) return std::nullopt;
  std::vector<double> sorted(differences.begin(), differences.end());
  std::sort(sorted.begin(), sorted.end());  // pairs come shuffled: their order must not matter
  SplitMix random(seed);
  std::vector<double> means(kBootstrapResamples);
  for (double& mean : means) {
    double sum = 0;
    for (size_t i = 0; i < sorted.size(); ++i) sum += sorted[random.Below(sorted.size())];
    mean = sum / static_cast<double>(sorted.size());
  }
  std::sort(means.begin(), means.end());
  const double tail = (1 - level) / 2;
  const auto last = static_cast<double>(kBootstrapResamples - 1);
  return Interval{means[static_cast<size_t>(std::floor(tail * last))],
                  means[static_cast<size_t>(std::ceil((1 - tail) * last))]};
}

}  // namespace consort::coordinator
