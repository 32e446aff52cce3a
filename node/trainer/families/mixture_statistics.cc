#include "node/trainer/families/mixture_statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "common/random/seeded_random.h"

namespace consort::trainer {
namespace {

int64_t Steps(double value) { return std::llround(value / kValueStep); }

// ln(weight * density) of each component.
std::vector<double> LogJoint(const std::vector<MixtureComponent>& mixture, const SegmentPoint& point) {
  std::vector<double> joint;
  for (const MixtureComponent& component : mixture) {
    if (component.weight <= 0) {
      joint.push_back(-std::numeric_limits<double>::infinity());
      continue;
    }
    double value = std::log(component.weight);
    for (int d = 0; d < kSegmentDescriptors; ++d) {
      if (std::isnan(point[d])) continue;
      const double away = point[d] - component.mean[d];
      value -= 0.5 *
               (std::log(2 * std::numbers::pi * component.variance[d]) + away * away / component.variance[d]);
    }
    joint.push_back(value);
  }
  return joint;
}

double LogSumExp(const std::vector<double>& values) {
  const double largest = *std::max_element(values.begin(), values.end());
  double sum = 0;
  for (const double value : values) sum += std::exp(value - largest);
  return largest + std::log(sum);
}

bool Same(const MixtureComponent& a, const MixtureComponent& b) {
  return a.weight == b.weight && a.mean == b.mean && a.variance == b.variance;
}

void Count(const SegmentPoint& point, int component, double responsibility, MixtureStatistics& statistics) {
  statistics.segments[component] += Steps(responsibility);
  for (int d = 0; d < kSegmentDescriptors; ++d) {
    if (std::isnan(point[d])) continue;
    const size_t at = static_cast<size_t>(component) * kSegmentDescriptors + d;
    const double value = point[d];
    statistics.count[at] += Steps(responsibility);
    statistics.sum[at] += Steps(responsibility * value);
    statistics.square[at] += Steps(responsibility * value * value);
  }
}

}  // namespace

double MixtureStatistics::TotalSegments() const {
  double total = 0;
  for (const int64_t steps : segments) total += static_cast<double>(steps) * kValueStep;
  return total;
}

std::vector<MixtureComponent> Maximise(const MixtureStatistics& statistics) {
  const double segments = statistics.TotalSegments();
  if (segments < kFewestSegments) return {};
  const double fewest = std::min(kFewestSegments, segments / statistics.components());
  // Rounding may take a step from an even share of every segment.
  const auto in_use = [&](int64_t steps) {
    return static_cast<double>(steps) * kValueStep >= fewest - segments * kValueStep;
  };
  double total = 0;
  for (const int64_t steps : statistics.segments) total += in_use(steps) ? static_cast<double>(steps) : 0;
  std::vector<MixtureComponent> mixture(statistics.components());
  for (int k = 0; k < statistics.components(); ++k) {
    if (!in_use(statistics.segments[k])) continue;
    mixture[k].weight = static_cast<double>(statistics.segments[k]) / total;
    for (int d = 0; d < kSegmentDescriptors; ++d) {
      const size_t at = static_cast<size_t>(k) * kSegmentDescriptors + d;
      const auto count = static_cast<double>(statistics.count[at]);
      if (count <= 0 || !in_use(statistics.count[at])) {
        mixture[k].variance[d] = kUnknownVariance;
        continue;
      }
      const double mean = static_cast<double>(statistics.sum[at]) / count;
      mixture[k].mean[d] = mean;
      mixture[k].variance[d] =
          std::max(kLeastVariance, static_cast<double>(statistics.square[at]) / count - mean * mean);
    }
  }
  return mixture;
}

void MoveApart(std::vector<MixtureComponent>& mixture, uint64_t seed) {
  for (const MixtureComponent& component : mixture) {
    if (!Same(component, mixture.front())) return;
  }
  SeededRandom random(seed);
  for (MixtureComponent& component : mixture) {
    for (int d = 0; d < kSegmentDescriptors; ++d) {
      component.mean[d] += (2 * random.Uniform() - 1) * std::sqrt(component.variance[d]);
    }
  }
}

double LogDensity(const std::vector<MixtureComponent>& mixture, const SegmentPoint& point) {
  return LogSumExp(LogJoint(mixture, point));
}

void Accumulate(const std::vector<MixtureComponent>& mixture, absl::Span<const SegmentPoint> points,
                MixtureStatistics& statistics) {
  for (const SegmentPoint& point : points) {
    if (mixture.empty()) {
      const double even = 1.0 / statistics.components();
      for (int k = 0; k < statistics.components(); ++k) Count(point, k, even, statistics);
      continue;
    }
    const std::vector<double> joint = LogJoint(mixture, point);
    const double log_density = LogSumExp(joint);
    for (int k = 0; k < statistics.components(); ++k) {
      Count(point, k, std::exp(joint[k] - log_density), statistics);
    }
    statistics.log_likelihood +=
        std::llround(std::clamp(log_density, -kLogLikelihoodBound, kLogLikelihoodBound) / kLogLikelihoodStep);
  }
}

}  // namespace consort::trainer
