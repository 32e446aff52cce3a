#include "common/state_dict/weight_source.h"

#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace consort {
namespace {

// What wraps a model when it is trained or saved: Lightning, DistributedDataParallel, a plain dict, compile.
constexpr absl::string_view kWrappers[] = {"model.", "module.", "state_dict.", "_orig_mod."};
constexpr absl::string_view kParametrizations = "parametrizations.";

enum class Part { kWhole, kDirections, kGains };

// The weight that a name of the file would be part of.
struct Meaning {
  std::string weight;
  Part part = Part::kWhole;
};

bool TakeSuffix(absl::string_view suffix, absl::string_view& name) {
  if (!absl::EndsWith(name, suffix)) return false;
  name.remove_suffix(suffix.size());
  return true;
}

Meaning MeaningOf(absl::string_view name) {
  if (TakeSuffix("_g", name)) return {std::string(name), Part::kGains};
  if (TakeSuffix("_v", name)) return {std::string(name), Part::kDirections};
  Part part = Part::kWhole;
  absl::string_view rest = name;
  if (TakeSuffix(".original0", rest)) part = Part::kGains;
  if (part == Part::kWhole && TakeSuffix(".original1", rest)) part = Part::kDirections;
  const size_t at = rest.rfind(kParametrizations);
  if (part == Part::kWhole || at == absl::string_view::npos) return {std::string(name), Part::kWhole};
  return {absl::StrCat(rest.substr(0, at), rest.substr(at + kParametrizations.size())), part};
}

bool TakeWrapper(absl::string_view& name) {
  for (const absl::string_view wrapper : kWrappers) {
    if (absl::ConsumePrefix(&name, wrapper)) return true;
  }
  return false;
}

const StoredTensor** SlotIn(WeightSource& source, Part part) {
  if (part == Part::kGains) return &source.gains;
  return part == Part::kDirections ? &source.directions : &source.whole;
}

// Null if the name means no weight.
const StoredTensor** SlotOf(absl::string_view name, const std::set<std::string>& weights,
                            WeightSources& sources) {
  do {
    for (const Meaning& meaning : {Meaning{std::string(name)}, MeaningOf(name)}) {
      if (weights.count(meaning.weight) > 0) return SlotIn(sources.by_weight[meaning.weight], meaning.part);
    }
  } while (TakeWrapper(name));
  return nullptr;
}

absl::Status Ambiguous(const StoredTensor& one, const StoredTensor& other) {
  return absl::InvalidArgumentError(
      absl::StrCat("artifact-damaged: two tensors mean the same weight: ", one.name, " and ", other.name));
}

}  // namespace

absl::StatusOr<WeightSources> FindSources(const std::vector<StoredTensor>& tensors,
                                          const std::vector<NamedTensor>& layout) {
  std::set<std::string> weights;
  for (const NamedTensor& weight : layout) weights.insert(weight.name);
  WeightSources sources;
  for (const StoredTensor& tensor : tensors) {
    const StoredTensor** slot = SlotOf(tensor.name, weights, sources);
    if (slot == nullptr) {
      sources.extra.push_back(&tensor);
      continue;
    }
    if (*slot != nullptr) return Ambiguous(**slot, tensor);
    *slot = &tensor;
  }
  for (const auto& [weight, source] : sources.by_weight) {
    const StoredTensor* half = source.directions != nullptr ? source.directions : source.gains;
    if (source.whole != nullptr && half != nullptr) return Ambiguous(*source.whole, *half);
  }
  return sources;
}

}  // namespace consort
