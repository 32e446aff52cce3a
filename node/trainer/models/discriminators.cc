#include "node/trainer/models/discriminators.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <cmath>
#include <map>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/artifact/safetensors.h"
#include "common/status/macros.h"
#include "node/trainer/models/tensor_file.h"

namespace consort::trainer {
namespace {

constexpr double kSlope = 0.2;  // of the leaky rectifier below zero
constexpr int64_t kStride = 4;
constexpr int64_t kConvolutions = 4;  // of a net, beside the last one
constexpr char kFirstMoment[] = "optimiser.first_moment";
constexpr char kSecondMoment[] = "optimiser.second_moment";
constexpr char kSteps[] = "consort.optimiser_steps";

struct Net {
  const char* name;
  int64_t period;    // > 1: hears every so manyth sample in rows of their own
  int64_t halvings;  // of the rate before it
  int64_t kernel;
};
constexpr Net kNets[] = {{"period2", 2, 0, 5}, {"period3", 3, 0, 5},   {"period5", 5, 0, 5},
                         {"period7", 7, 0, 5}, {"period11", 11, 0, 5}, {"scale1", 1, 0, 15},
                         {"scale2", 1, 1, 15}, {"scale4", 1, 2, 15}};
constexpr int64_t kNetCount = std::size(kNets);

struct Convolution {
  at::Tensor weight, bias;
};
using Convolutions = std::vector<Convolution>;  // of one net

// Weights as convolutions take them, for each net. Gradients flow to `leaves`, which are in Layout's order.
std::vector<Convolutions> Fold(const std::vector<at::Tensor>& leaves) {
  std::vector<Convolutions> nets;
  size_t next = 0;
  for (int64_t net = 0; net < kNetCount; ++net) {
    Convolutions convolutions;
    for (int64_t i = 0; i < kConvolutions; ++i) {
      const at::Tensor &direction = leaves[next], &gain = leaves[next + 1], &bias = leaves[next + 2];
      next += 3;
      const at::Tensor length = at::linalg_vector_norm(direction, 2, at::IntArrayRef{1, 2});
      convolutions.push_back({direction * (gain / length).view({-1, 1, 1}), bias});
    }
    convolutions.push_back({leaves[next], leaves[next + 1]});
    next += 2;
    nets.push_back(std::move(convolutions));
  }
  return nets;
}

at::Tensor Heard(const Net& net, const at::Tensor& audio) {
  at::Tensor x = audio;
  for (int64_t i = 0; i < net.halvings; ++i) x = at::avg_pool1d(x, 2);
  if (net.period == 1) return x;
  const int64_t rows = x.size(0), missing = (net.period - x.size(2) % net.period) % net.period;
  x = at::constant_pad_nd(x, {0, missing});
  return x.view({rows, -1, net.period}).transpose(1, 2).reshape({rows * net.period, 1, -1});
}

// What each convolution makes of the audio, before the rectifier. The last is the judgement.
std::vector<at::Tensor> Features(const Net& net, const Convolutions& convolutions, const at::Tensor& audio) {
  std::vector<at::Tensor> features;
  at::Tensor x = Heard(net, audio);
  for (const Convolution& convolution : convolutions) {
    const bool last = features.size() == kConvolutions;
    x = at::conv1d(x, convolution.weight, convolution.bias, last ? 1 : kStride, last ? 0 : net.kernel / 2);
    features.push_back(x);
    if (!last) x = at::leaky_relu(x, kSlope);
  }
  return features;
}

std::vector<NamedTensor> StoredLayout(int64_t capacity) {
  std::vector<NamedTensor> stored = Discriminators::Layout(capacity);
  int64_t size = 0;
  for (const NamedTensor& tensor : stored) size += tensor.size();
  stored.push_back({kFirstMoment, {size}});
  stored.push_back({kSecondMoment, {size}});
  return stored;
}

}  // namespace

std::vector<NamedTensor> Discriminators::Layout(int64_t capacity) {
  std::vector<NamedTensor> layout;
  for (const Net& net : kNets) {
    int64_t in = 1, out = capacity;
    for (int64_t i = 0; i < kConvolutions; ++i, in = out, out *= 2) {
      const std::string name = absl::StrCat(net.name, ".conv", i);
      layout.push_back({name + ".direction", {out, in, net.kernel}});
      layout.push_back({name + ".gain", {out}});
      layout.push_back({name + ".bias", {out}});
    }
    layout.push_back({absl::StrCat(net.name, ".last.weight"), {1, in, 1}});
    layout.push_back({absl::StrCat(net.name, ".last.bias"), {1}});
  }
  return layout;
}

Discriminators::Discriminators(std::unique_ptr<WeightSet> weights)
    : weights_(std::move(weights)), optimiser_(weights_->values().size()) {}

// Directions and biases within 1 / sqrt(fan-in), as convolutions usually start; gains are the directions'
// lengths.
absl::StatusOr<std::unique_ptr<Discriminators>> Discriminators::Create(int64_t capacity, uint64_t seed) {
  const std::vector<NamedTensor> layout = Layout(capacity);
  ASSIGN_OR_RETURN(std::unique_ptr<WeightSet> weights, WeightSet::Initialise(layout, seed));
  const at::NoGradGuard no_grad;
  const std::vector<at::Tensor> leaves = weights->Effective();
  for (size_t i = 0; i < leaves.size(); ++i) {
    if (layout[i].shape.size() != 3) continue;
    const double fan_in = static_cast<double>(layout[i].size()) / layout[i].shape[0];
    const bool normalised = layout[i].name.ends_with(".direction");
    if (normalised) leaves[i + 1].copy_(at::linalg_vector_norm(leaves[i], 2, at::IntArrayRef{1, 2}));
    leaves[i + (normalised ? 2 : 1)].div_(std::sqrt(fan_in));
  }
  return std::unique_ptr<Discriminators>(new Discriminators(std::move(weights)));
}

absl::StatusOr<std::unique_ptr<Discriminators>> Discriminators::Load(int64_t capacity,
                                                                     absl::string_view bytes) {
  const std::vector<NamedTensor> stored = StoredLayout(capacity);
  const absl::StatusOr<std::vector<float>> values = ReadTensors(bytes, stored);
  if (!values.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "artifact-damaged: not this size's discriminators; start without them: ", values.status().message()));
  }
  const auto header = SafetensorsHeader::Parse(bytes, bytes.size());
  const auto steps = header->metadata().find(kSteps);
  Adam::State state;
  if (steps == header->metadata().end() || !absl::SimpleAtoi(steps->second, &state.steps) ||
      state.steps < 0) {
    return absl::InvalidArgumentError(
        "artifact-damaged: the discriminators' optimiser lacks its number of steps; start without them");
  }
  ASSIGN_OR_RETURN(std::unique_ptr<Discriminators> loaded, Create(capacity, /*seed=*/0));
  const size_t size = loaded->values().size();
  std::map<std::string, size_t> begins;
  size_t next = 0;
  for (const NamedTensor& tensor : stored) {
    begins[tensor.name] = next;
    next += tensor.size();
  }
  float* value = loaded->values().data();
  for (const NamedTensor& tensor : loaded->trainable()) {
    value = std::copy_n(values->data() + begins[tensor.name], tensor.size(), value);
  }
  const float* moments = values->data() + size;
  state.first_moment.assign(moments, moments + size);
  state.second_moment.assign(moments + size, moments + 2 * size);
  loaded->optimiser_.Restore(std::move(state));
  return loaded;
}

absl::StatusOr<std::string> Discriminators::Save() const {
  const absl::Span<float> trained = weights_->values();
  const Adam::State state = optimiser_.state();
  std::vector<NamedTensor> tensors = weights_->trainable();
  std::vector<float> values(trained.begin(), trained.end());
  const auto add = [&](const char* name, const std::vector<float>& moment) {
    tensors.push_back({name, {static_cast<int64_t>(moment.size())}});
    values.insert(values.end(), moment.begin(), moment.end());
  };
  add(kFirstMoment, state.first_moment);
  add(kSecondMoment, state.second_moment);
  return WriteTensors(tensors, values, {{kSteps, absl::StrCat(state.steps)}});
}

absl::StatusOr<double> Discriminators::Train(const at::Tensor& recorded, const at::Tensor& generated) {
  weights_->ClearGradients();
  const at::AutoGradMode learn(true);
  const std::vector<Convolutions> nets = Fold(weights_->Effective());
  double sum = 0;
  for (int64_t i = 0; i < kNetCount; ++i) {  // one after the other: each backward pass frees its net's memory
    const at::Tensor of_recorded = Features(kNets[i], nets[i], recorded.detach()).back();
    const at::Tensor of_generated = Features(kNets[i], nets[i], generated.detach()).back();
    const at::Tensor loss = (at::relu(1 - of_recorded) + at::relu(1 + of_generated)).mean();
    sum += loss.item<double>();
    loss.backward();
  }
  if (!std::isfinite(sum)) {
    return absl::OutOfRangeError("not-finite: the discriminators' loss is NaN or infinite");
  }
  RETURN_IF_ERROR(weights_->CheckGradients());
  optimiser_.Step(weights_->values(), gradients(), kLearningRate);
  return sum;
}

double Discriminators::Judge(const at::Tensor& recorded, const at::Tensor& generated,
                             at::Tensor* gradient) const {
  std::vector<Convolutions> nets;
  {
    const at::NoGradGuard no_grad;
    nets = Fold(weights_->Effective());
    for (Convolutions& net : nets) {
      for (Convolution& convolution : net)
        convolution = {convolution.weight.detach(), convolution.bias.detach()};
    }
  }
  const at::AutoGradMode learn(true);
  at::Tensor judged = generated.detach().requires_grad_(true);
  const double share = kFeatureWeight / (kNetCount * kConvolutions);
  double sum = 0;
  for (int64_t i = 0; i < kNetCount; ++i) {
    std::vector<at::Tensor> of_recorded;
    {
      const at::NoGradGuard no_grad;
      of_recorded = Features(kNets[i], nets[i], recorded);
    }
    const std::vector<at::Tensor> of_generated = Features(kNets[i], nets[i], judged);
    at::Tensor loss = -of_generated.back().mean();
    for (size_t layer = 1; layer < of_recorded.size(); ++layer) {
      const at::Tensor& f = of_recorded[layer];
      loss = loss + share * (f - of_generated[layer]).abs().mean() / f.abs().mean();
    }
    sum += loss.item<double>();
    loss.backward();
  }
  *gradient = judged.grad();
  return sum;
}

}  // namespace consort::trainer
