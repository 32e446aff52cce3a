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

// In standard deviations.
SegmentPoint Differences(const Wanted& wanted, const SegmentPoint& unit) {
  SegmentPoint differences = Differences(wanted.point, unit);
  for (int d = 0; d < kSegmentDescriptors; ++d) {
    differences[d] *= static_cast<float>(std::sqrt(wanted.weights[d]));
  }
  return differences;
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

std::vector<Wanted> WantedLike(absl::Span<const SegmentPoint> points,
                               const std::vector<std::vector<MixtureComponent>>& mixtures) {
  std::array<double, kSegmentDescriptors> variances = {};
  int traditions = 0;
  for (const std::vector<MixtureComponent>& mixture : mixtures) {
    traditions += mixture.empty() ? 0 : 1;
    for (const MixtureComponent& component : mixture) {
      for (int d = 0; d < kSegmentDescriptors; ++d) variances[d] += component.weight * component.variance[d];
    }
  }
  std::vector<Wanted> wanted;
  for (const SegmentPoint& point : points) {
    Wanted& one = wanted.emplace_back(Wanted{point, {}});
    for (int d = 0; d < kSegmentDescriptors; ++d) one.weights[d] = traditions / variances[d];
  }
  return wanted;
}

std::vector<Wanted> WantedTypical(const std::vector<MixtureComponent>& mixture) {
  std::vector<Wanted> wanted;
  for (const MixtureComponent& component : mixture) {
    if (component.weight == 0) continue;
    Wanted& one = wanted.emplace_back();
    for (int d = 0; d < kSegmentDescriptors; ++d) {
      const bool seen = component.variance[d] != kUnknownVariance;
      one.point[d] = seen ? static_cast<float>(component.mean[d]) : std::numeric_limits<float>::quiet_NaN();
      one.weights[d] = 1 / component.variance[d];
    }
  }
  return wanted;
}

double DistanceOf(const Wanted& wanted, const SegmentPoint& unit) {
  return NeighbourOf(0, Differences(wanted, unit)).distance;
}

std::vector<UnitNeighbour> NearestUnits(absl::Span<const SegmentPoint> units, absl::Span<const Wanted> wanted,
                                        size_t count) {
  std::vector<UnitNeighbour> neighbours;
  for (size_t unit = 0; unit < units.size(); ++unit) {
    UnitNeighbour best{unit, 0, std::numeric_limits<double>::infinity()};
    for (size_t i = 0; i < wanted.size(); ++i) {
      const Neighbour found = NeighbourOf(i, Differences(wanted[i], units[unit]));
      if (found.distance < best.distance) best = {unit, i, found.distance, found.closest, found.farthest};
    }
    if (std::isfinite(best.distance)) neighbours.push_back(best);
  }
  std::stable_sort(neighbours.begin(), neighbours.end(),
                   [](const UnitNeighbour& a, const UnitNeighbour& b) { return a.distance < b.distance; });
  neighbours.resize(std::min(neighbours.size(), count));
  return neighbours;
}

}  // namespace consort::trainer
