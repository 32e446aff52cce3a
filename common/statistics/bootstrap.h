// How sure a figure over recordings is: percentile bootstrap intervals.
#ifndef CONSORT_COMMON_STATISTICS_BOOTSTRAP_H_
#define CONSORT_COMMON_STATISTICS_BOOTSTRAP_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "absl/types/span.h"

namespace consort {

// Resamples drawn; with fewer than kMinResampled recordings there is no interval.
inline constexpr int kBootstrapResamples = 2000;
inline constexpr size_t kMinResampled = 3;

struct Interval {
  double low = 0;
  double high = 0;
};

// Percentile interval of the mean of `values` (one a recording; for a comparison the differences, after minus
// before) at `level` in (0, 1): means of kBootstrapResamples resamples with replacement, cut at (1 - level) /
// 2 on either side (Efron and Tibshirani 1993, section 13.3). The same for any order of the values and for
// the same `seed`. Nothing below kMinResampled.
std::optional<Interval> BootstrapMean(absl::Span<const double> values, double level, uint64_t seed);

// The same of any statistic over `recordings` recordings, such as a macro F1. `statistic` gets the numbers of
// the resampled recordings, each in [0, recordings), with repetitions; it is called kBootstrapResamples
// times. The same for the same order and `seed`. Nothing below kMinResampled.
std::optional<Interval> BootstrapStatistic(size_t recordings,
                                           const std::function<double(absl::Span<const size_t>)>& statistic,
                                           double level, uint64_t seed);

}  // namespace consort

#endif  // CONSORT_COMMON_STATISTICS_BOOTSTRAP_H_
