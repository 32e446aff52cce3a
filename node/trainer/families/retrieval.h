// Recordings that sound alike.
#ifndef CONSORT_NODE_TRAINER_FAMILIES_RETRIEVAL_H_
#define CONSORT_NODE_TRAINER_FAMILIES_RETRIEVAL_H_

#include <cstddef>
#include <vector>

#include "absl/types/span.h"
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

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_FAMILIES_RETRIEVAL_H_
