// Whether a difference between paired scores is more than chance: a percentile bootstrap over recordings.
#ifndef CONSORT_COORDINATOR_ROUNDS_PAIRED_BOOTSTRAP_H_
#define CONSORT_COORDINATOR_ROUNDS_PAIRED_BOOTSTRAP_H_

#include <cstdint>
#include <optional>

#include "absl/types/span.h"

namespace consort::coordinator {

// Resamples drawn; with fewer than kMinPairs recordings there is no interval.
inline constexpr int kBootstrapResamples = 2000;
inline constexpr size_t kMinPairs = 3;

struct Interval {
  double low = 0;
  double high = 0;
};

// Percentile interval of the mean of `differences` (after minus before, one a recording) at `level` in (0,
// 1): means of kBootstrapResamples resamples with replacement, cut at (1 - level) / 2 on either side (Efron
// and Tibshirani 1993, section 13.3). The same for any order of the differences and for the same `seed`.
// Nothing below kMinPairs.
std::optional<Interval> PairedBootstrap(absl::Span<const double> differences, double level, uint64_t seed);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_ROUNDS_PAIRED_BOOTSTRAP_H_
