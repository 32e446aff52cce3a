#include "node/trainer/models/rave_network.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include "node/trainer/models/pqmf.h"

namespace consort::trainer {
namespace {

std::vector<AdaptedWeight> ConstantWeights(const RaveNetwork& network, double value) {
  std::vector<AdaptedWeight> weights;
  for (const NamedTensor& weight : network.weights()) weights.push_back(at::full(weight.shape, value));
  return weights;
}

TEST(RaveNetworkTest, OneLatentFrameStandsForOneHop) {
  const RaveNetwork network{RaveTinyShape()};
  const std::vector<AdaptedWeight> weights = ConstantWeights(network, 0.01);
  at::NoGradGuard no_grad;
  const at::Tensor posterior = network.Encode(weights, at::ones({2, 16, 3 * 512 / 16}));
  EXPECT_EQ(posterior.sizes(), at::IntArrayRef({2, 32, 3}));
  const at::Tensor bands =
      network.Decode(weights, at::ones({2, 16, 3}), at::zeros({2, 16, 96 + network.NoiseTaps() - 1}));
  EXPECT_EQ(bands.sizes(), at::IntArrayRef({2, 16, 96}));
}

TEST(RaveNetworkTest, DecodesWithoutANoiseModule) {
  RaveShape shape;
  shape.capacity = 2;
  shape.noise_ratios = {};
  const RaveNetwork network{shape};
  at::NoGradGuard no_grad;
  const at::Tensor bands = network.Decode(ConstantWeights(network, 0.01), at::ones({1, 16, 3}), at::Tensor());
  EXPECT_EQ(bands.sizes(), at::IntArrayRef({1, 16, 96}));
}

// Which samples the gradient of one output sample reaches. Silence and large weights: every layer hands on
// about as much as it gets, so that no gradient is lost.
ReceptiveField MeasuredField(RaveShape shape) {
  shape.capacity = 1;
  shape.latent = 1;
  const RaveNetwork network{shape};
  const std::vector<AdaptedWeight> weights = ConstantWeights(network, 2);
  const Pqmf pqmf;
  constexpr int64_t kSamples = 1 << 16, kMiddle = kSamples / 2;
  const at::Tensor audio = at::zeros({1, 1, kSamples}).requires_grad_(true);
  const at::Tensor means = network.Encode(weights, pqmf.Analyse(audio)).narrow(1, 0, 1);
  const at::Tensor excitation = at::ones({1, 16, kSamples / 16 + network.NoiseTaps() - 1});
  const at::Tensor output = pqmf.Synthesise(network.Decode(weights, means, excitation));
  output[0][0][kMiddle].backward();
  const at::Tensor heard = at::nonzero(audio.grad().flatten());
  return {kMiddle - heard[0].item<int64_t>(), heard[heard.size(0) - 1].item<int64_t>() - kMiddle};
}

TEST(RaveNetworkTest, GradientsReachExactlyTheReceptiveField) {
  for (const RaveShape& shape : {RaveV2Shape(), RaveV2SmallShape()}) {
    const ReceptiveField measured = MeasuredField(shape), stated = ReceptiveFieldOf(shape);
    EXPECT_EQ(measured.left, stated.left);
    EXPECT_EQ(measured.right, stated.right);
  }
}

}  // namespace
}  // namespace consort::trainer
