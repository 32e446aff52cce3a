#include "node/trainer/families/retrieval.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace consort::trainer {
namespace {

// By descriptor; NaN where one of the two lacks it.
SegmentPoint Differences(const SegmentPoint& a, const SegmentPoint& b) {
  SegmentPoint differences;
  for (int d = 0; d < kSegmentDescriptors; ++d) differences[d] = std::abs(a[d] - b[d]);
  return differences;
}

Neighbour NeighbourOf(size_t recording, const SegmentPoint& differences) {
  Neighbour neighbour{recording};
  double squares = 0;
  int shared = 0;
  for (int d = 0; d < kSegmentDescriptors; ++d) {
    if (std::isnan(differences[d])) continue;
    if (shared == 0 || differences[d] < differences[neighbour.closest]) neighbour.closest = d;
    if (shared == 0 || differences[d] > differences[neighbour.farthest]) neighbour.farthest = d;
    squares += static_cast<double>(differences[d]) * differences[d];
    ++shared;
  }
  neighbour.distance = shared == 0 ? std::numeric_limits<double>::infinity() : std::sqrt(squares / shared);
  return neighbour;
}

}  // namespace

SegmentPoint MeanPoint(absl::Span<const SegmentPoint> segments) {
  SegmentPoint mean;
  for (int d = 0; d < kSegmentDescriptors; ++d) {
    double sum = 0;
    int count = 0;
    for (const SegmentPoint& segment : segments) {
      if (std::isnan(segment[d])) continue;
      sum += segment[d];
      ++count;
    }
    mean[d] = count == 0 ? std::numeric_limits<float>::quiet_NaN() : static_cast<float>(sum / count);
  }
  return mean;
}

double DistanceOf(const SegmentPoint& a, const SegmentPoint& b) {
  return NeighbourOf(0, Differences(a, b)).distance;
}

std::vector<Neighbour> NearestRecordings(absl::Span<const SegmentPoint> recordings, size_t wanted,
                                         size_t count) {
  std::vector<Neighbour> neighbours;
  for (size_t i = 0; i < recordings.size(); ++i) {
    if (i == wanted) continue;
    const Neighbour neighbour = NeighbourOf(i, Differences(recordings[wanted], recordings[i]));
    if (std::isfinite(neighbour.distance)) neighbours.push_back(neighbour);
  }
  std::stable_sort(neighbours.begin(), neighbours.end(),
                   [](const Neighbour& a, const Neighbour& b) { return a.distance < b.distance; });
  neighbours.resize(std::min(neighbours.size(), count));
  return neighbours;
}

}  // namespace consort::trainer
