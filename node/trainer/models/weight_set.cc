#include "node/trainer/models/weight_set.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "node/trainer/models/tensor_file.h"
#include "common/random/seeded_random.h"

namespace consort::trainer {
namespace {

constexpr char kSuffixA[] = ".lora_A";
constexpr char kSuffixB[] = ".lora_B";

std::vector<NamedTensor> InNameOrder(std::vector<NamedTensor> tensors) {
  std::sort(tensors.begin(), tensors.end(),
            [](const NamedTensor& a, const NamedTensor& b) { return a.name < b.name; });
  return tensors;
}

int64_t Columns(const NamedTensor& weight) { return weight.size() / weight.shape[0]; }

NamedTensor FactorA(const NamedTensor& weight, int rank) {
  return {weight.name + kSuffixA, {rank, Columns(weight)}};
}
NamedTensor FactorB(const NamedTensor& weight, int rank) {
  return {weight.name + kSuffixB, {weight.shape[0], rank}};
}

// What the state of a job holds, in name order: A comes before B of the same weight.
std::vector<NamedTensor> StateLayout(const std::vector<NamedTensor>& layout, int rank) {
  std::vector<NamedTensor> state;
  for (const NamedTensor& weight : layout) {
    if (rank == 0) {
      state.push_back(weight);
    } else {
      state.push_back(FactorA(weight, rank));
      state.push_back(FactorB(weight, rank));
    }
  }
  return InNameOrder(std::move(state));
}

void DrawUniform(SeededRandom& random, double reach, absl::Span<float> values) {
  for (float& value : values) value = static_cast<float>((2 * random.Uniform() - 1) * reach);
}

// A of every adapter by Kaiming's uniform draw with slope sqrt(5): within +-1 / sqrt(columns). B zero.
std::vector<float> FreshAdapters(const std::vector<NamedTensor>& state, uint64_t seed) {
  SeededRandom random(seed);
  std::vector<float> values;
  for (const NamedTensor& tensor : state) {
    const size_t begin = values.size();
    values.resize(begin + tensor.size(), 0.0f);
    if (!tensor.name.ends_with(kSuffixA)) continue;
    DrawUniform(random, 1 / std::sqrt(static_cast<double>(tensor.shape[1])),
                absl::MakeSpan(values).subspan(begin));
  }
  return values;
}

}  // namespace

struct WeightSet::Impl {
  std::vector<NamedTensor> layout;     // the network's order
  std::vector<NamedTensor> trainable;  // name order
  double scale = 0;                    // alpha / rank; 0 without adapters
  at::Tensor values;                   // flat, trained
  at::Tensor gradients;                // flat
  std::vector<at::Tensor> leaves;      // views of `values` that collect gradients, in layout order
  std::vector<at::Tensor> fixed;       // adapters: W0 in layout order
  std::vector<at::Tensor> factors_a;   // adapters: A in layout order

  // Makes the flat arrays and, in layout order, leaves that write their gradients into them.
  void Bind(std::vector<NamedTensor> tensors, absl::string_view suffix) {
    trainable = std::move(tensors);
    int64_t total = 0;
    std::map<std::string, int64_t> offsets;
    for (const NamedTensor& tensor : trainable) {
      offsets[tensor.name] = total;
      total += tensor.size();
    }
    values = at::zeros({total});
    gradients = at::zeros({total});
    for (const NamedTensor& weight : layout) {
      const std::string name = absl::StrCat(weight.name, suffix);
      const auto tensor = std::find_if(trainable.begin(), trainable.end(),
                                       [&](const NamedTensor& candidate) { return candidate.name == name; });
      const int64_t offset = offsets[name];
      at::Tensor leaf = values.narrow(0, offset, tensor->size()).view(tensor->shape).detach();
      leaf.requires_grad_(true);
      leaf.mutable_grad() = gradients.narrow(0, offset, tensor->size()).view(tensor->shape);
      leaves.push_back(std::move(leaf));
    }
  }

  // Spreads a state's values over trained and frozen tensors.
  void Fill(const std::vector<NamedTensor>& state, absl::Span<const float> source) {
    float* trained = values.data_ptr<float>();
    std::map<std::string, at::Tensor> frozen;
    size_t next = 0;
    for (const NamedTensor& tensor : state) {
      const absl::Span<const float> part = source.subspan(next, tensor.size());
      next += part.size();
      if (scale != 0 && tensor.name.ends_with(kSuffixA)) {
        at::Tensor copy = at::empty(tensor.shape);
        std::copy(part.begin(), part.end(), copy.data_ptr<float>());
        frozen[tensor.name] = copy;
      } else {
        trained = std::copy(part.begin(), part.end(), trained);
      }
    }
    if (scale == 0) return;
    for (const NamedTensor& weight : layout) factors_a.push_back(frozen[weight.name + kSuffixA]);
  }
};

WeightSet::WeightSet(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
WeightSet::~WeightSet() = default;

absl::StatusOr<std::unique_ptr<WeightSet>> WeightSet::Load(const std::vector<NamedTensor>& layout,
                                                           absl::string_view base, absl::string_view state,
                                                           const Adaptation& adaptation) {
  ASSIGN_OR_RETURN(std::vector<float> base_values, ReadTensors(base, layout));
  const std::vector<NamedTensor> state_layout = StateLayout(layout, adaptation.rank);
  std::vector<float> state_values;
  if (!state.empty()) {
    ASSIGN_OR_RETURN(state_values, ReadTensors(state, state_layout));
  } else if (adaptation.rank == 0) {
    ASSIGN_OR_RETURN(state_values, ReadTensors(base, state_layout));
  } else {
    state_values = FreshAdapters(state_layout, adaptation.seed);
  }
  try {
    auto impl = std::make_unique<Impl>();
    impl->layout = layout;
    if (adaptation.rank == 0) {
      impl->Bind(state_layout, "");
    } else {
      impl->scale = adaptation.alpha / adaptation.rank;
      std::vector<NamedTensor> trained;
      for (const NamedTensor& weight : layout) trained.push_back(FactorB(weight, adaptation.rank));
      impl->Bind(InNameOrder(std::move(trained)), kSuffixB);
      const float* next = base_values.data();
      for (const NamedTensor& weight : layout) {
        at::Tensor fixed = at::empty(weight.shape);
        std::copy(next, next + weight.size(), fixed.data_ptr<float>());
        next += weight.size();
        impl->fixed.push_back(std::move(fixed));
      }
    }
    impl->Fill(state_layout, state_values);
    return std::unique_ptr<WeightSet>(new WeightSet(std::move(impl)));
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StrCat("cannot place a model's weights: ", error.what()));
  }
}

absl::StatusOr<std::unique_ptr<WeightSet>> WeightSet::Initialise(const std::vector<NamedTensor>& layout,
                                                                 uint64_t seed) {
  SeededRandom random(seed);
  const std::vector<NamedTensor> ordered = InNameOrder(layout);
  std::vector<float> values;
  for (const NamedTensor& weight : ordered) {
    const size_t begin = values.size();
    values.resize(begin + weight.size());
    DrawUniform(random, 1 / std::sqrt(static_cast<double>(Columns(weight))),
                absl::MakeSpan(values).subspan(begin));
  }
  try {
    auto impl = std::make_unique<Impl>();
    impl->layout = layout;
    impl->Bind(ordered, "");
    impl->Fill(ordered, values);
    return std::unique_ptr<WeightSet>(new WeightSet(std::move(impl)));
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StrCat("cannot place a model's weights: ", error.what()));
  }
}

const std::vector<NamedTensor>& WeightSet::trainable() const { return impl_->trainable; }

absl::Span<float> WeightSet::values() {
  return {impl_->values.data_ptr<float>(), static_cast<size_t>(impl_->values.numel())};
}

absl::Span<const float> WeightSet::gradients() const {
  return {impl_->gradients.data_ptr<float>(), static_cast<size_t>(impl_->gradients.numel())};
}

void WeightSet::ClearGradients() {
  float* begin = impl_->gradients.data_ptr<float>();
  std::fill(begin, begin + impl_->gradients.numel(), 0.0f);
}

absl::Status WeightSet::CheckGradients() const {
  return CheckFinite("gradient", impl_->trainable, gradients());
}

std::vector<at::Tensor> WeightSet::Effective() const {
  if (impl_->scale == 0) return impl_->leaves;
  std::vector<at::Tensor> weights;
  for (size_t i = 0; i < impl_->layout.size(); ++i) {
    const at::Tensor product = at::matmul(impl_->leaves[i], impl_->factors_a[i]);
    weights.push_back(impl_->fixed[i] + impl_->scale * product.view(impl_->layout[i].shape));
  }
  return weights;
}

absl::StatusOr<std::string> WeightSet::SaveState(const Metadata& metadata) const {
  std::vector<NamedTensor> tensors = impl_->trainable;
  std::vector<float> values(impl_->values.data_ptr<float>(),
                            impl_->values.data_ptr<float>() + impl_->values.numel());
  for (size_t i = 0; i < impl_->factors_a.size(); ++i) {
    const at::Tensor& factor = impl_->factors_a[i];
    tensors.push_back({impl_->layout[i].name + kSuffixA, factor.sizes().vec()});
    values.insert(values.end(), factor.data_ptr<float>(), factor.data_ptr<float>() + factor.numel());
  }
  return WriteTensors(tensors, values, metadata);
}

absl::StatusOr<std::string> WeightSet::SaveMerged(const Metadata& metadata) const {
  try {
    at::NoGradGuard no_grad;
    std::vector<float> values;
    for (const at::Tensor& weight : Effective()) {
      const at::Tensor flat = weight.contiguous();
      values.insert(values.end(), flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel());
    }
    return WriteTensors(impl_->layout, values, metadata);
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StrCat("cannot merge a model's weights: ", error.what()));
  }
}

}  // namespace consort::trainer
