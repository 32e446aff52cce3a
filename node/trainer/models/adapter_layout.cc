#include "node/trainer/models/adapter_layout.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "common/random/seeded_random.h"
#include "common/status/macros.h"
#include "node/trainer/models/name_pattern.h"

namespace consort::trainer {
namespace {

absl::StatusOr<std::vector<NamedTensor>> NotFrozen(const std::vector<NamedTensor>& layout,
                                                   const Adaptation& adaptation) {
  ASSIGN_OR_RETURN(const std::vector<bool> frozen, FrozenWeights(layout, adaptation.frozen));
  std::vector<NamedTensor> trained;
  for (size_t i = 0; i < layout.size(); ++i) {
    if (!frozen[i]) trained.push_back(layout[i]);
  }
  return trained;
}

void SortByName(std::vector<NamedTensor>& tensors) {
  std::sort(tensors.begin(), tensors.end(),
            [](const NamedTensor& a, const NamedTensor& b) { return a.name < b.name; });
}

void DrawTensor(SeededRandom& random, const NamedTensor& tensor, std::vector<float>& values) {
  const double reach = 1 / std::sqrt(static_cast<double>(Columns(tensor)));
  for (int64_t i = 0; i < tensor.size(); ++i) {
    values.push_back(static_cast<float>((2 * random.Uniform() - 1) * reach));
  }
}

}  // namespace

int64_t Columns(const NamedTensor& weight) { return weight.size() / weight.shape[0]; }

NamedTensor FactorTensor(const NamedTensor& weight, Factor factor, int rank) {
  if (factor == Factor::kA) return {absl::StrCat(weight.name, kFactorASuffix), {rank, Columns(weight)}};
  return {absl::StrCat(weight.name, kFactorBSuffix), {weight.shape[0], rank}};
}

absl::StatusOr<std::vector<NamedTensor>> StateLayout(const std::vector<NamedTensor>& layout,
                                                     const Adaptation& adaptation) {
  ASSIGN_OR_RETURN(std::vector<NamedTensor> state, NotFrozen(layout, adaptation));
  if (adaptation.rank > 0) {
    std::vector<NamedTensor> factors;
    for (const NamedTensor& weight : state) {
      factors.push_back(FactorTensor(weight, Factor::kA, adaptation.rank));
      factors.push_back(FactorTensor(weight, Factor::kB, adaptation.rank));
    }
    state = std::move(factors);
  }
  SortByName(state);
  return state;
}

absl::StatusOr<std::vector<NamedTensor>> TrainedLayout(const std::vector<NamedTensor>& layout,
                                                       const Adaptation& adaptation) {
  ASSIGN_OR_RETURN(std::vector<NamedTensor> trained, NotFrozen(layout, adaptation));
  if (adaptation.rank > 0) {
    for (NamedTensor& weight : trained) weight = FactorTensor(weight, adaptation.trained, adaptation.rank);
  }
  SortByName(trained);
  return trained;
}

std::vector<float> DrawWeights(const std::vector<NamedTensor>& weights, uint64_t seed) {
  SeededRandom random(seed);
  std::vector<float> values;
  for (const NamedTensor& weight : weights) DrawTensor(random, weight, values);
  return values;
}

std::vector<float> DrawAdapters(const std::vector<NamedTensor>& state, uint64_t seed) {
  SeededRandom random(seed);
  std::vector<float> values;
  for (const NamedTensor& tensor : state) {
    if (tensor.name.ends_with(kFactorASuffix)) {
      DrawTensor(random, tensor, values);
    } else {
      values.resize(values.size() + tensor.size(), 0.0f);
    }
  }
  return values;
}

}  // namespace consort::trainer
