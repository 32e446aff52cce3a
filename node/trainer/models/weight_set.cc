#include "node/trainer/models/weight_set.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <exception>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/architectures/latent_tensors.h"
#include "common/status/macros.h"
#include "node/trainer/models/adapter_layout.h"
#include "node/trainer/models/tensor_file.h"

namespace consort::trainer {
namespace {

at::Tensor CopyTensor(const NamedTensor& tensor, absl::Span<const float> values) {
  at::Tensor copy = at::empty(tensor.shape);
  std::copy(values.begin(), values.end(), copy.data_ptr<float>());
  return copy;
}

// The values of each tensor, which lie one after the other.
std::map<std::string, absl::Span<const float>> Parts(const std::vector<NamedTensor>& tensors,
                                                     absl::Span<const float> values) {
  std::map<std::string, absl::Span<const float>> parts;
  for (const NamedTensor& tensor : tensors) {
    parts.emplace(tensor.name, values.first(tensor.size()));
    values.remove_prefix(tensor.size());
  }
  return parts;
}

// The values of `wanted`, which are some of `tensors`, in its order.
std::vector<float> SelectValues(const std::vector<NamedTensor>& tensors, absl::Span<const float> values,
                                const std::vector<NamedTensor>& wanted) {
  const auto parts = Parts(tensors, values);
  std::vector<float> selected;
  for (const NamedTensor& tensor : wanted) {
    const absl::Span<const float> part = parts.at(tensor.name);
    selected.insert(selected.end(), part.begin(), part.end());
  }
  return selected;
}

void Append(const at::Tensor& tensor, std::vector<float>& values) {
  const at::Tensor flat = tensor.contiguous();
  values.insert(values.end(), flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel());
}

}  // namespace

struct WeightSet::Impl {
  // A weight of the network.
  struct Slot {
    NamedTensor weight;
    at::Tensor value;     // the weight itself: trained, or W0 of an adapter, or frozen
    at::Tensor factor_a;  // adapters
    at::Tensor factor_b;

    bool adapted() const { return factor_a.defined(); }
    at::Tensor Merged(double scale) const {
      if (!adapted()) return value;
      const at::Tensor matrix = value.view({weight.shape[0], -1});
      return at::addmm(matrix, factor_b, factor_a, /*beta=*/1, /*alpha=*/scale).view(weight.shape);
    }
  };

  std::vector<NamedTensor> trainable;         // name order
  std::vector<NamedTensor> state;             // name order
  double scale = 0;                           // alpha / rank; 0 without adapters
  at::Tensor values;                          // flat, trained
  at::Tensor gradients;                       // flat
  std::map<std::string, at::Tensor> tensors;  // of the state; the trained ones are views of `values`
  std::vector<Slot> slots;                    // the network's order

  // Takes the state. What is trained becomes leaves that write their gradients into the flat array.
  void Bind(absl::Span<const float> state_values) {
    const auto parts = Parts(state, state_values);
    int64_t total = 0;
    for (const NamedTensor& tensor : trainable) total += tensor.size();
    values = at::empty({total});
    gradients = at::zeros({total});
    float* next = values.data_ptr<float>();
    int64_t offset = 0;
    for (const NamedTensor& tensor : trainable) {
      const absl::Span<const float> part = parts.at(tensor.name);
      next = std::copy(part.begin(), part.end(), next);
      at::Tensor leaf = values.narrow(0, offset, tensor.size()).view(tensor.shape).detach();
      leaf.requires_grad_(true);
      leaf.mutable_grad() = gradients.narrow(0, offset, tensor.size()).view(tensor.shape);
      tensors.emplace(tensor.name, std::move(leaf));
      offset += tensor.size();
    }
    for (const NamedTensor& tensor : state) {
      if (!tensors.contains(tensor.name)) {
        tensors.emplace(tensor.name, CopyTensor(tensor, parts.at(tensor.name)));
      }
    }
  }

  at::Tensor Find(const std::string& name) const {
    const auto found = tensors.find(name);
    return found == tensors.end() ? at::Tensor() : found->second;
  }

  // Gives each weight what it is made of; those that are not themselves trained are the base's.
  void Place(const std::vector<NamedTensor>& layout, absl::Span<const float> base_values) {
    const auto parts = Parts(layout, base_values);
    for (const NamedTensor& weight : layout) {
      at::Tensor value = Find(weight.name);
      if (!value.defined()) value = CopyTensor(weight, parts.at(weight.name));
      slots.push_back({weight, std::move(value), Find(absl::StrCat(weight.name, kFactorASuffix)),
                       Find(absl::StrCat(weight.name, kFactorBSuffix))});
    }
  }
};

WeightSet::WeightSet(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
WeightSet::~WeightSet() = default;

absl::StatusOr<std::unique_ptr<WeightSet>> WeightSet::Make(const std::vector<NamedTensor>& layout,
                                                           absl::Span<const float> base,
                                                           absl::Span<const float> state,
                                                           const Adaptation& adaptation) {
  auto impl = std::make_unique<Impl>();
  ASSIGN_OR_RETURN(impl->trainable, TrainedLayout(layout, adaptation));
  ASSIGN_OR_RETURN(impl->state, StateLayout(layout, adaptation));
  if (adaptation.rank > 0) impl->scale = adaptation.alpha / adaptation.rank;
  try {
    impl->Bind(state);
    impl->Place(layout, base);
    return std::unique_ptr<WeightSet>(new WeightSet(std::move(impl)));
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StrCat("cannot place a model's weights: ", error.what()));
  }
}

absl::StatusOr<std::unique_ptr<WeightSet>> WeightSet::Load(const std::vector<NamedTensor>& layout,
                                                           absl::string_view base, absl::string_view state,
                                                           const Adaptation& adaptation) {
  ASSIGN_OR_RETURN(const std::vector<float> base_values, ReadTensors(base, layout, kLatentTensors));
  ASSIGN_OR_RETURN(const std::vector<NamedTensor> state_layout, StateLayout(layout, adaptation));
  std::vector<float> state_values;
  if (!state.empty()) {
    ASSIGN_OR_RETURN(state_values, ReadTensors(state, state_layout, kLatentTensors));
  } else if (adaptation.rank > 0) {
    state_values = DrawAdapters(state_layout, adaptation.seed);
  } else {
    state_values = SelectValues(layout, base_values, state_layout);
  }
  return Make(layout, base_values, state_values, adaptation);
}

absl::StatusOr<std::unique_ptr<WeightSet>> WeightSet::Initialise(const std::vector<NamedTensor>& layout,
                                                                 uint64_t seed) {
  ASSIGN_OR_RETURN(const std::vector<NamedTensor> ordered, StateLayout(layout, Adaptation()));
  const std::vector<float> values = DrawWeights(ordered, seed);
  return Make(layout, SelectValues(ordered, values, layout), values, Adaptation());
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
  std::vector<at::Tensor> weights;
  for (const Impl::Slot& slot : impl_->slots) weights.push_back(slot.Merged(impl_->scale));
  return weights;
}

std::vector<AdaptedWeight> WeightSet::Weights() const {
  std::vector<AdaptedWeight> weights;
  for (const Impl::Slot& slot : impl_->slots) {
    weights.push_back(slot.adapted() ? AdaptedWeight(slot.value, slot.factor_a, slot.factor_b, impl_->scale)
                                     : AdaptedWeight(slot.value));
  }
  return weights;
}

absl::StatusOr<std::string> WeightSet::SaveState(const Metadata& metadata) const {
  std::vector<float> values;
  for (const NamedTensor& tensor : impl_->state) Append(impl_->tensors.at(tensor.name), values);
  return WriteTensors(impl_->state, values, metadata);
}

absl::StatusOr<std::string> WeightSet::SaveMerged(const Metadata& metadata) const {
  try {
    at::NoGradGuard no_grad;
    std::vector<NamedTensor> layout;
    std::vector<float> values;
    for (const Impl::Slot& slot : impl_->slots) {
      layout.push_back(slot.weight);
      Append(slot.Merged(impl_->scale), values);
    }
    return WriteTensors(layout, values, metadata);
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StrCat("cannot merge a model's weights: ", error.what()));
  }
}

}  // namespace consort::trainer
