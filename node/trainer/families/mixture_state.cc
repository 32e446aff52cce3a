#include "node/trainer/families/mixture_state.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/artifact/safetensors.h"
#include "common/status/macros.h"
#include "node/trainer/models/tensor_file.h"

namespace consort::trainer {
namespace {

constexpr char kPrefix[] = "statistics/", kFirstSuffix[] = "/segments.coarse";
constexpr int64_t kCoarse = 4096;         // steps in a unit of the coarse part
constexpr double kLargestTotal = 0x1p52;  // steps; above it doubles are no longer exact

// A quantity of one tradition, with where its totals lie.
struct Quantity {
  const char* name;
  std::vector<int64_t> shape;
  double step;
  double bound;  // of one segment
  int64_t* totals;

  int64_t size() const {
    int64_t size = 1;
    for (const int64_t dimension : shape) size *= dimension;
    return size;
  }
};

std::vector<Quantity> QuantitiesOf(MixtureStatistics& statistics) {
  const int64_t k = statistics.components();
  return {{"segments", {k}, kValueStep, 1, statistics.segments.data()},
          {"count", {k, kSegmentDescriptors}, kValueStep, 1, statistics.count.data()},
          {"sum", {k, kSegmentDescriptors}, kValueStep, 1, statistics.sum.data()},
          {"square", {k, kSegmentDescriptors}, kValueStep, 1, statistics.square.data()},
          {"log_likelihood", {1}, kLogLikelihoodStep, kLogLikelihoodBound, &statistics.log_likelihood}};
}

// Rounds towards minus infinity, so that the fine part is never negative.
int64_t CoarseOf(int64_t total) { return (total - ((total % kCoarse) + kCoarse) % kCoarse) / kCoarse; }

std::vector<NamedTensor> Tensors(const std::vector<std::string>& traditions, int components) {
  std::vector<NamedTensor> tensors;
  for (const Segment& segment : MixtureState::Segments(traditions, components)) {
    tensors.push_back({segment.name, segment.shape});
  }
  return tensors;
}

}  // namespace

MixtureState::MixtureState(const std::vector<std::string>& traditions, int components)
    : traditions_(traditions),
      components_(components),
      statistics_(traditions.size(), MixtureStatistics(components)) {}

std::vector<Segment> MixtureState::Segments(const std::vector<std::string>& traditions, int components) {
  MixtureStatistics shapes(components);
  std::vector<Segment> segments;
  for (const std::string& tradition : traditions) {
    for (const Quantity& quantity : QuantitiesOf(shapes)) {
      const std::string name = absl::StrCat(kPrefix, tradition, "/", quantity.name);
      const double unit = quantity.step * kCoarse;
      segments.push_back({absl::StrCat(name, ".coarse"), quantity.shape, SegmentKind::kStatistic, unit,
                          quantity.bound * static_cast<double>(kMostSegments)});
      segments.push_back(
          {absl::StrCat(name, ".fine"), quantity.shape, SegmentKind::kStatistic, quantity.step, unit});
    }
  }
  return segments;
}

absl::StatusOr<MixtureState> MixtureState::Parse(const std::vector<std::string>& traditions, int components,
                                                 absl::string_view file) {
  ASSIGN_OR_RETURN(const std::vector<float> values, ReadTensors(file, Tensors(traditions, components)));
  MixtureState state(traditions, components);
  const float* next = values.data();
  for (MixtureStatistics& statistics : state.statistics_) {
    for (const Quantity& quantity : QuantitiesOf(statistics)) {
      const float* fine = next + quantity.size();
      for (int64_t i = 0; i < quantity.size(); ++i) {
        const double total = (static_cast<double>(next[i]) + static_cast<double>(fine[i])) / quantity.step;
        if (std::abs(total) > kLargestTotal || total != std::floor(total)) {
          return absl::InvalidArgumentError(absl::StrCat(
              "artifact-damaged: a tensor of the mixture holds a value that no sum has: ", quantity.name));
        }
        quantity.totals[i] = static_cast<int64_t>(total);
      }
      next = fine + quantity.size();
    }
  }
  return state;
}

absl::StatusOr<MixtureState> MixtureState::ParseAny(absl::string_view file) {
  const absl::StatusOr<SafetensorsHeader> header = SafetensorsHeader::Parse(file, file.size());
  if (!header.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("artifact-damaged: ", header.status().message()));
  }
  std::vector<std::string> traditions;
  int64_t components = 0;
  for (const TensorInfo& tensor : header->tensors()) {
    absl::string_view name = tensor.name;
    if (!absl::ConsumePrefix(&name, kPrefix) || !absl::ConsumeSuffix(&name, kFirstSuffix)) continue;
    traditions.emplace_back(name);
    components = tensor.shape.size() == 1 ? tensor.shape[0] : 0;
  }
  std::sort(traditions.begin(), traditions.end());  // a tensor's name goes on behind its tradition's
  if (traditions.empty() || components < 1 || components > kMostComponents) {
    return absl::InvalidArgumentError(
        "wrong-architecture: this file is no state of a descriptor-mixture; take the state or the released "
        "model of a job whose architecture is descriptor-mixture");
  }
  return Parse(traditions, static_cast<int>(components), file);
}

std::vector<float> MixtureState::Values() const {
  std::vector<float> values;
  for (MixtureStatistics statistics : statistics_) {
    for (const Quantity& quantity : QuantitiesOf(statistics)) {
      for (int64_t i = 0; i < quantity.size(); ++i) {
        values.push_back(
            static_cast<float>(static_cast<double>(CoarseOf(quantity.totals[i]) * kCoarse) * quantity.step));
      }
      for (int64_t i = 0; i < quantity.size(); ++i) {
        const int64_t rest = quantity.totals[i] - CoarseOf(quantity.totals[i]) * kCoarse;
        values.push_back(static_cast<float>(static_cast<double>(rest) * quantity.step));
      }
    }
  }
  return values;
}

absl::StatusOr<std::string> MixtureState::Save(const Metadata& metadata) const {
  return WriteTensors(Tensors(traditions_, components_), Values(), metadata);
}

}  // namespace consort::trainer
