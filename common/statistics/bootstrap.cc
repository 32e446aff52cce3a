#include "common/statistics/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "common/random/seeded_random.h"

namespace consort {

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
  SeededRandom random(seed);
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
