#include "node/trainer/models/attribute_vae_network.h"

#include <ATen/ATen.h>

#include <cmath>

#include "common/architectures/attribute_vae_layout.h"

namespace consort::trainer {
namespace {

constexpr int kStages = AttributeVaeShape::kStages;
constexpr int64_t kSide = AttributeVaeShape::kSide;
constexpr double kSlope = 0.2;
constexpr double kSmallestSigma = 1e-4;

// In layout order.
enum Weights { kEncoder = 0, kHead = kStages, kStem, kDecoder };

at::Tensor Activate(const at::Tensor& x) { return at::leaky_relu(x, kSlope); }

at::Tensor WithOnes(const at::Tensor& x) {
  std::vector<int64_t> shape = x.sizes().vec();
  shape[1] = 1;
  return at::cat({x, at::ones(shape)}, 1);
}

}  // namespace

AttributeVaeNetwork::AttributeVaeNetwork() : layout_(LayOutAttributeVae()) {}

std::vector<at::Tensor> AttributeVaeNetwork::Encode(absl::Span<const at::Tensor> weights,
                                                    const at::Tensor& patches) const {
  at::Tensor x = WithOnes(patches);
  for (int stage = 0; stage < kStages; ++stage) {
    x = Activate(at::conv2d(x, weights[kEncoder + stage], {}, /*stride=*/2, /*padding=*/1));
  }
  const at::Tensor posterior = at::linear(x.flatten(1), weights[kHead]);
  return {posterior.narrow(1, 0, kLatents),
          at::softplus(posterior.narrow(1, kLatents, kLatents)) + kSmallestSigma};
}

at::Tensor AttributeVaeNetwork::Decode(absl::Span<const at::Tensor> weights,
                                       const at::Tensor& latents) const {
  at::Tensor x = Activate(at::linear(WithOnes(latents), weights[kStem]));
  x = x.view({latents.size(0), -1, kSide, kSide});
  for (int stage = 0; stage < kStages; ++stage) {
    x = at::conv_transpose2d(x, weights[kDecoder + stage], {}, /*stride=*/2, /*padding=*/1);
    if (stage + 1 < kStages) x = Activate(x);
  }
  return x;
}

at::Tensor AttributeLoss(const at::Tensor& latents, absl::Span<const PatchAttributes> attributes,
                         double sharpness) {
  const auto patches = static_cast<int64_t>(attributes.size());
  at::Tensor loss = at::zeros({});
  for (int a = 0; a < kPatchAttributes; ++a) {
    at::Tensor signs = at::zeros({patches, patches}), pairs = at::zeros({patches, patches});
    for (int64_t i = 0; i < patches; ++i) {
      for (int64_t j = 0; j < patches; ++j) {
        const double difference = attributes[i][a] - attributes[j][a];
        if (i == j || std::isnan(difference)) continue;
        signs.data_ptr<float>()[i * patches + j] =
            static_cast<float>((difference > 0 ? 1 : 0) - (difference < 0 ? 1 : 0));
        pairs.data_ptr<float>()[i * patches + j] = 1;
      }
    }
    const double count = pairs.sum().item<double>();
    if (count == 0) continue;
    const at::Tensor z = latents.select(1, a);
    const at::Tensor apart = at::tanh(sharpness * (z.unsqueeze(1) - z.unsqueeze(0)));
    loss = loss + (at::abs(apart - signs) * pairs).sum() / count;
  }
  return loss;
}

}  // namespace consort::trainer
