// Gaussian mixtures learnt by expectation-maximisation from sums that can be added up over archives.
#ifndef CONSORT_NODE_TRAINER_FAMILIES_MIXTURE_STATISTICS_H_
#define CONSORT_NODE_TRAINER_FAMILIES_MIXTURE_STATISTICS_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "node/trainer/families/segment_descriptors.h"

namespace consort::trainer {

// One Gaussian with diagonal covariance. A point's missing values take no part in its density.
struct MixtureComponent {
  double weight = 0;                                      // 0: the component is out of use
  std::array<double, kSegmentDescriptors> mean = {};      // scaled
  std::array<double, kSegmentDescriptors> variance = {};  // at least kLeastVariance
};

// A standard deviation of 2.5 % of a descriptor's range: below that a component would remember recordings.
inline constexpr double kLeastVariance = 0.05 * 0.05;
// What stands for a descriptor that a component has never seen: anywhere in the range.
inline constexpr double kUnknownVariance = 1;
// Segments below which a component is out of use, since a spread needs two; less where an even share of all
// segments is less. A tradition with fewer is not known.
inline constexpr double kFewestSegments = 2;
// Bounds of a segment's log-likelihood where it is added up.
inline constexpr double kLogLikelihoodBound = 256;

// Steps of the fixed point in which values are added up: 2^-16 of a half range, 2^-8 of a log-likelihood.
// Every segment is rounded by itself, so that sums over archives equal those over all their recordings, bit
// for bit, however the recordings are divided among them.
inline constexpr double kValueStep = 1.0 / 65536;
inline constexpr double kLogLikelihoodStep = 1.0 / 256;

// The sufficient statistics of one tradition's mixture, in steps.
struct MixtureStatistics {
  explicit MixtureStatistics(int components)
      : segments(components),
        count(components * kSegmentDescriptors),
        sum(components * kSegmentDescriptors),
        square(components * kSegmentDescriptors) {}

  int components() const { return static_cast<int>(segments.size()); }
  double TotalSegments() const;

  std::vector<int64_t> segments;  // [components] responsibilities
  std::vector<int64_t> count;     // [components, descriptors] of the segments that have the descriptor
  std::vector<int64_t> sum;       // of responsibility * value
  std::vector<int64_t> square;    // of responsibility * value^2
  int64_t log_likelihood = 0;     // of all segments, under the parameters they were counted by
};

// Maximum-likelihood parameters (Dempster, Laird and Rubin 1977; with values missing, Ghahramani and Jordan
// 1994) with the floors above; kLeastVariance is the constrained maximum. Empty where a tradition is not
// known.
std::vector<MixtureComponent> Maximise(const MixtureStatistics& statistics);

// Moves components that are all the same apart: each mean by a draw from the seed, evenly within one standard
// deviation on either side. Others are left as they are.
void MoveApart(std::vector<MixtureComponent>& mixture, uint64_t seed);

// ln p(point). `mixture`: not empty.
double LogDensity(const std::vector<MixtureComponent>& mixture, const SegmentPoint& point);

// One expectation step: adds the points, weighed by responsibilities under `mixture`. An empty mixture counts
// each point evenly for all components, with log-likelihood 0.
void Accumulate(const std::vector<MixtureComponent>& mixture, absl::Span<const SegmentPoint> points,
                MixtureStatistics& statistics);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_FAMILIES_MIXTURE_STATISTICS_H_
