#include "common/architectures/rave_layout.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <string>

#include "absl/strings/str_cat.h"

namespace consort {
namespace {

constexpr int64_t kFilterReach = 188;  // taps of the filter bank to either side (models/pqmf.cc)

void AddResiduals(const std::string& stage, int64_t channels, const std::vector<int64_t>& dilations,
                  std::vector<NamedTensor>& weights) {
  for (size_t i = 0; i < dilations.size(); ++i) {
    weights.push_back({absl::StrCat(stage, ".unit", i, ".dilated.weight"), {channels, channels, 3}});
    weights.push_back({absl::StrCat(stage, ".unit", i, ".pointwise.weight"), {channels, channels, 1}});
  }
}

void AddEncoder(const RaveShape& shape, std::vector<NamedTensor>& weights) {
  int64_t channels = shape.capacity;
  weights.push_back({"encoder.stem.weight", {channels, shape.bands, 7}});
  for (size_t i = 0; i < shape.ratios.size(); ++i) {
    const std::string stage = absl::StrCat("encoder.stage", i);
    AddResiduals(stage, channels, shape.dilations[i], weights);
    weights.push_back({stage + ".down.weight", {2 * channels, channels, 2 * shape.ratios[i]}});
    channels *= 2;
  }
  weights.push_back({"encoder.head.weight", {2 * shape.latent, channels, 3}});
}

// The generator's stages run the other way: its stage 0 undoes the encoder's last.
void AddGenerator(const RaveShape& shape, std::vector<NamedTensor>& weights) {
  int64_t channels = shape.capacity << shape.ratios.size();
  weights.push_back({"generator.stem.weight", {channels, shape.latent, 3}});
  for (size_t i = shape.ratios.size(); i-- > 0;) {
    const std::string stage = absl::StrCat("generator.stage", shape.ratios.size() - 1 - i);
    weights.push_back({stage + ".up.weight", {channels, channels / 2, 2 * shape.ratios[i]}});
    channels /= 2;
    AddResiduals(stage, channels, shape.dilations[i], weights);
  }
  weights.push_back({"generator.wave.weight", {2 * shape.bands, channels, 7}});
}

void AddNoise(const RaveShape& shape, std::vector<NamedTensor>& weights) {
  int64_t channels = shape.capacity;
  for (size_t i = 0; i < shape.noise_ratios.size(); ++i) {
    const bool last = i + 1 == shape.noise_ratios.size();
    const int64_t out = last ? shape.bands * shape.noise_spectrum : shape.noise_hidden;
    weights.push_back({absl::StrCat("noise.conv", i, ".weight"), {out, channels, 2 * shape.noise_ratios[i]}});
    channels = out;
  }
}

int64_t Product(const std::vector<int64_t>& factors) {
  return std::accumulate(factors.begin(), factors.end(), int64_t{1}, std::multiplies<>());
}

int64_t FloorDivide(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }
int64_t CeilDivide(int64_t a, int64_t b) { return -FloorDivide(-a, b); }

// Positions in one layer's signal, both ends included; each function turns those of a layer's output into
// those of its input.
struct Reach {
  int64_t first = 0;
  int64_t last = 0;
};

Reach ThroughConv(Reach out, int64_t kernel, int64_t stride = 1, int64_t dilation = 1) {
  const int64_t extent = (kernel - 1) * dilation, left = extent / 2;
  return {out.first * stride - left, out.last * stride - left + extent};
}

Reach ThroughTransposed(Reach out, int64_t ratio) {
  return {CeilDivide(out.first + ratio / 2 - (2 * ratio - 1), ratio),
          FloorDivide(out.last + ratio / 2, ratio)};
}

Reach ThroughResiduals(Reach out, const std::vector<int64_t>& dilations) {
  for (int64_t dilation : dilations) out = ThroughConv(out, 3, 1, dilation);
  return out;
}

Reach ThroughNoise(Reach out, const std::vector<int64_t>& ratios) {
  const int64_t stretch = Product(ratios);
  Reach reach = {FloorDivide(out.first, stretch), FloorDivide(out.last, stretch)};
  for (size_t i = ratios.size(); i-- > 0;) {
    reach = {(reach.first - 1) * ratios[i], (reach.last + 1) * ratios[i] - 1};
  }
  return reach;
}

}  // namespace

RaveShape RaveTinyShape() { return RaveShape(); }

RaveShape RaveV2SmallShape() {
  RaveShape shape;
  shape.capacity = 48;
  shape.latent = 128;
  return shape;
}

RaveShape RaveV2Shape() {
  RaveShape shape;
  shape.capacity = 96;
  shape.latent = 128;
  shape.ratios = {4, 4, 4, 2};
  shape.noise_ratios = {};
  return shape;
}

RaveLayout LayOutRave(const RaveShape& shape) {
  RaveLayout layout;
  AddEncoder(shape, layout.weights);
  layout.generator_begin = layout.weights.size();
  AddGenerator(shape, layout.weights);
  layout.noise_begin = layout.weights.size();
  AddNoise(shape, layout.weights);
  layout.hop = shape.bands * Product(shape.ratios);
  return layout;
}

RaveParameters CountParameters(const RaveShape& shape) {
  const RaveLayout layout = LayOutRave(shape);
  RaveParameters parameters;
  for (size_t i = 0; i < layout.weights.size(); ++i) {
    ParameterCount& part = i < layout.generator_begin ? parameters.encoder : parameters.decoder;
    part.values += layout.weights[i].size();
    if (i < layout.noise_begin) part.gains += layout.weights[i].shape[0];
  }
  return parameters;
}

ReceptiveField ReceptiveFieldOf(const RaveShape& shape) {
  const Reach bands = {CeilDivide(-kFilterReach, shape.bands), FloorDivide(kFilterReach, shape.bands)};
  Reach reach = ThroughConv(bands, 7);
  if (!shape.noise_ratios.empty()) {
    const Reach noise = ThroughNoise(bands, shape.noise_ratios);
    reach = {std::min(reach.first, noise.first), std::max(reach.last, noise.last)};
  }
  for (size_t i = 0; i < shape.ratios.size(); ++i) {
    reach = ThroughTransposed(ThroughResiduals(reach, shape.dilations[i]), shape.ratios[i]);
  }
  reach = ThroughConv(ThroughConv(reach, 3), 3);  // the generator's stem, the encoder's head
  for (size_t i = shape.ratios.size(); i-- > 0;) {
    reach = ThroughResiduals(ThroughConv(reach, 2 * shape.ratios[i], shape.ratios[i]), shape.dilations[i]);
  }
  reach = ThroughConv(reach, 7);
  return {kFilterReach - reach.first * shape.bands, reach.last * shape.bands + kFilterReach};
}

}  // namespace consort
