// Recordings, and seconds of them, that sound alike.
#ifndef CONSORT_NODE_TRAINER_FAMILIES_RETRIEVAL_H_
#define CONSORT_NODE_TRAINER_FAMILIES_RETRIEVAL_H_

#include <array>
#include <cstddef>
#include <vector>

#include "absl/types/span.h"
#include "node/trainer/families/mixture_statistics.h"
#include "node/trainer/families/segment_descriptors.h"

namespace consort::trainer {

// What a recording is like on the whole: each descriptor's mean over the seconds that have it; NaN where none
// has.
SegmentPoint MeanPoint(absl::Span<const SegmentPoint> segments);

// The root of the mean square difference over the descriptors that both have, of scaled values: 0 for the
// same, at most 2. Infinite if they share none, as silence does with everything.
double DistanceOf(const SegmentPoint& a, const SegmentPoint& b);

struct Neighbour {
  size_t recording = 0;
  double distance = 0;
  int closest = 0;   // the descriptor in which the two agree best, an index into SegmentDescriptors()
  int farthest = 0;  // and least
};

// The `count` recordings nearest to `wanted`, nearest first, without itself and without those infinitely far;
// of equally near ones the earlier. `recordings`: the means of all; `wanted`: an index into it.
std::vector<Neighbour> NearestRecordings(absl::Span<const SegmentPoint> recordings, size_t wanted,
                                         size_t count);

// A second that is looked for, and how much a difference in each descriptor counts: 1 over its variance.
struct Wanted {
  SegmentPoint point = {};  // NaN: does not matter
  std::array<double, kSegmentDescriptors> weights = {};
};

// Seconds like those of `points`, with differences weighed as the mixtures know the descriptors: by the
// variance within components, averaged over components by weight and over traditions alike (as linear
// discriminant analysis pools it, Fisher 1936). Empty mixtures are left out; at least one is not.
std::vector<Wanted> WantedLike(absl::Span<const SegmentPoint> points,
                               const std::vector<std::vector<MixtureComponent>>& mixtures);

// What is typical of a tradition: the mean of each of its components in use, with its variances. Descriptors
// that a component has never seen do not matter. `mixture`: not empty.
std::vector<Wanted> WantedTypical(const std::vector<MixtureComponent>& mixture);

// The root of the mean square difference in standard deviations, over the descriptors that both have: 0 for
// the same, 1 where they differ as much as sounds of one kind do. Infinite if they share none.
double DistanceOf(const Wanted& wanted, const SegmentPoint& unit);

struct UnitNeighbour {
  size_t unit = 0;    // index into `units`
  size_t wanted = 0;  // the nearest of `wanted`, the first of equally near ones
  double distance = 0;
  int closest = 0, farthest = 0;  // descriptors, as in Neighbour
};

// The `count` units that are nearest to any of `wanted`, nearest first, without those infinitely far; of
// equally near ones the earlier.
std::vector<UnitNeighbour> NearestUnits(absl::Span<const SegmentPoint> units, absl::Span<const Wanted> wanted,
                                        size_t count);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_FAMILIES_RETRIEVAL_H_
