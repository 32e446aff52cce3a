#include "node/trainer/models/rave_network.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <string>

namespace consort::trainer {
namespace {

// Parameters of the weights whose names start with `part`. With weight normalisation each has one gain for
// every slice of its first dimension beside the values themselves.
int64_t CountParameters(const std::string& part, bool weight_normalised) {
  const RaveNetwork network{RaveShape()};
  int64_t count = 0;
  for (const NamedTensor& weight : network.weights()) {
    if (!weight.name.starts_with(part)) continue;
    count += weight.size() + (weight_normalised ? weight.shape[0] : 0);
  }
  return count;
}

// Counted on the published network (RAVE v2_small with capacity 16 and 16 latents), which is
// weight-normalised.
TEST(RaveNetworkTest, EncoderHasThePublishedNumberOfParameters) {
  EXPECT_EQ(CountParameters("encoder.", true), 399792);
}

TEST(RaveNetworkTest, DecoderHasThePublishedNumberOfParameters) {
  EXPECT_EQ(CountParameters("generator.", true) + CountParameters("noise.", false), 541088);
  EXPECT_EQ(CountParameters("noise.", false), 151552);
}

TEST(RaveNetworkTest, OneLatentFrameStandsForOneHop) {
  const RaveNetwork network{RaveShape()};
  ASSERT_EQ(network.hop(), 512);
  std::vector<at::Tensor> weights;
  for (const NamedTensor& weight : network.weights()) weights.push_back(at::full(weight.shape, 0.01));
  at::NoGradGuard no_grad;
  const at::Tensor posterior = network.Encode(weights, at::ones({2, 16, 3 * 512 / 16}));
  EXPECT_EQ(posterior.sizes(), at::IntArrayRef({2, 32, 3}));
  const at::Tensor bands =
      network.Decode(weights, at::ones({2, 16, 3}), at::zeros({2, 16, 96 + network.NoiseTaps() - 1}));
  EXPECT_EQ(bands.sizes(), at::IntArrayRef({2, 16, 96}));
}

}  // namespace
}  // namespace consort::trainer
