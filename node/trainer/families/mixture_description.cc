#include "node/trainer/families/mixture_description.h"

#include <algorithm>
#include <cmath>
#include <exception>
#include <nlohmann/json.hpp>
#include <numeric>

#include "absl/strings/str_cat.h"

namespace consort::trainer {
namespace {

using Json = nlohmann::ordered_json;

// Six digits: more than a mean over seconds of music is worth, few enough to read.
double Readable(double value) {
  if (value == 0 || !std::isfinite(value)) return 0;
  const double scale = std::pow(10, 5 - std::floor(std::log10(std::abs(value))));
  return std::round(value * scale) / scale;
}

Json DescribeComponent(const MixtureComponent& component, const MixtureStatistics& statistics, int k) {
  Json json = {{"weight", Readable(component.weight)}};
  for (int d = 0; d < kSegmentDescriptors; ++d) {
    const double seen =
        static_cast<double>(statistics.count[static_cast<size_t>(k) * kSegmentDescriptors + d]) * kValueStep;
    if (seen < kFewestSegments) continue;
    const SegmentDescriptor& descriptor = SegmentDescriptors()[d];
    json[descriptor.name] = {
        {"mean", Readable(descriptor.ToUnit(component.mean[d]))},
        {"standard_deviation", Readable(descriptor.SpreadToUnit(std::sqrt(component.variance[d])))},
        {"segments", Readable(seen)}};
  }
  return json;
}

Json DescribeTradition(const std::string& name, const MixtureStatistics& statistics,
                       const std::vector<MixtureComponent>& mixture) {
  const double segments = statistics.TotalSegments();
  Json json = {{"name", name}, {"segments", Readable(segments)}};
  if (segments > 0) {
    json["log_likelihood_per_segment"] =
        Readable(static_cast<double>(statistics.log_likelihood) * kLogLikelihoodStep / segments);
  }
  std::vector<int> order(mixture.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int a, int b) { return mixture[a].weight > mixture[b].weight; });
  json["components"] = Json::array();
  for (const int k : order) {
    if (mixture[k].weight > 0) json["components"].push_back(DescribeComponent(mixture[k], statistics, k));
  }
  return json;
}

}  // namespace

absl::StatusOr<std::string> DescribeMixtures(const MixtureState& state,
                                             const std::vector<std::vector<MixtureComponent>>& mixtures) {
  try {
    // A weight for each component, and a mean and a variance for each of its descriptors.
    const size_t parameters = state.traditions().size() * state.components() * (1 + 2 * kSegmentDescriptors);
    Json json = {{"family", "descriptor-mixture"}, {"parameters", parameters}};
    for (const SegmentDescriptor& descriptor : SegmentDescriptors()) {
      json["descriptors"].push_back({{"name", descriptor.name},
                                     {"unit", descriptor.unit},
                                     {"meaning", descriptor.meaning},
                                     {"range", {descriptor.low, descriptor.high}}});
    }
    json["traditions"] = Json::array();
    for (size_t t = 0; t < mixtures.size(); ++t) {
      json["traditions"].push_back(DescribeTradition(state.traditions()[t], state.at(t), mixtures[t]));
    }
    return json.dump();
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StrCat("describing the mixture failed: ", error.what()));
  }
}

}  // namespace consort::trainer
