#include "common/statistics/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace consort {
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

std::optional<Interval> BootstrapMean(absl::Span<const double> values, double level, uint64_t seed) {
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());  // recordings come shuffled: their order must not matter
  const auto mean = [&sorted](absl::Span<const size_t> resample) {
    double sum = 0;
    for (const size_t i : resample) sum += sorted[i];
    return sum / static_cast<double>(resample.size());
  };
  return BootstrapStatistic(sorted.size(), mean, level, seed);
}

std::optional<Interval> BootstrapStatistic(size_t recordings,
                                           const std::function<double(absl::Span<const size_t>)>& statistic,
                                           double level, uint64_t seed) {
  if (recordings < kMinResampled) return std::nullopt;
  SplitMix random(seed);
  std::vector<size_t> resample(recordings);
  std::vector<double> results(kBootstrapResamples);
  for (double& result : results) {
    for (size_t& recording : resample) recording = random.Below(recordings);
    result = statistic(resample);
  }
  std::sort(results.begin(), results.end());
  const double tail = (1 - level) / 2;
  const auto last = static_cast<double>(kBootstrapResamples - 1);
  return Interval{results[static_cast<size_t>(std::floor(tail * last))],
                  results[static_cast<size_t>(std::ceil((1 - tail) * last))]};
}

}  // namespace consort
