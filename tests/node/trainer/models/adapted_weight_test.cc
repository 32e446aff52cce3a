// Layers with adapters against autograd through the merged weight, in Python (values stored beside this file)
// and here.
#include "node/trainer/models/adapted_weight.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "tests/node/trainer/models/adapted_weight_reference.h"

namespace consort::trainer {
namespace {

using testing::AdaptedLayerReference;
using testing::kAdaptedLayers;

constexpr double kScale = 0.5;
constexpr int64_t kRank = 2;

// As in print_adapter_reference.py: the linear congruential generator of Numerical Recipes.
at::Tensor Noise(uint32_t seed, at::IntArrayRef shape) {
  at::Tensor noise = at::empty(shape);
  float* values = noise.data_ptr<float>();
  for (int64_t i = 0; i < noise.numel(); ++i) {
    seed = seed * 1664525u + 1013904223u;
    values[i] = static_cast<float>(seed / 2147483648.0 - 1);
  }
  return noise;
}

struct Layer {
  std::vector<int64_t> weight;
  std::vector<int64_t> x;
  std::function<at::Tensor(const AdaptedWeight&, const at::Tensor&)> apply;
};

Layer LayerNamed(const std::string& name) {
  if (name == "conv") {
    return {{4, 3, 4}, {2, 3, 12}, [](const AdaptedWeight& weight, const at::Tensor& x) {
              return weight.Conv1d(x, /*stride=*/2, /*padding=*/1, /*dilation=*/1);
            }};
  }
  if (name == "dilated") {
    return {{4, 3, 3}, {2, 3, 12}, [](const AdaptedWeight& weight, const at::Tensor& x) {
              return weight.Conv1d(x, /*stride=*/1, /*padding=*/3, /*dilation=*/3);
            }};
  }
  if (name == "transposed") {
    return {{4, 3, 4}, {2, 4, 6}, [](const AdaptedWeight& weight, const at::Tensor& x) {
              return weight.ConvTranspose1d(x, /*stride=*/2, /*padding=*/1);
            }};
  }
  return {
      {4, 3}, {2, 5, 3}, [](const AdaptedWeight& weight, const at::Tensor& x) { return weight.Linear(x); }};
}

// The numbers that make up one layer; those that are trained collect gradients.
struct Setting {
  Layer layer;
  at::Tensor base, a, b, x;

  explicit Setting(const std::string& name) : layer(LayerNamed(name)) {
    base = Noise(1, layer.weight);
    a = Noise(2, {kRank, base.numel() / base.size(0)});
    b = Noise(3, {base.size(0), kRank});
    x = Noise(4, layer.x);
  }
  // sum(y * probe), whose gradients land in the leaves.
  double Step(const AdaptedWeight& weight) {
    const at::Tensor y = layer.apply(weight, x);
    const at::Tensor loss = (y * Noise(5, y.sizes())).sum();
    loss.backward();
    return loss.item<double>();
  }
  AdaptedWeight Adapted() const { return AdaptedWeight(base, a, b, kScale); }
};

void ExpectGradient(const at::Tensor& leaf, uint32_t probe_seed, double norm, double product) {
  ASSERT_TRUE(leaf.grad().defined());
  EXPECT_NEAR(leaf.grad().norm().item<double>(), norm, 1e-5 * norm);
  EXPECT_NEAR((leaf.grad() * Noise(probe_seed, leaf.sizes())).sum().item<double>(), product, 1e-5 * norm);
}

class AdaptedWeightTest : public ::testing::TestWithParam<AdaptedLayerReference> {};

TEST_P(AdaptedWeightTest, GradientsOfBothFactorsAndTheInputEqualPythons) {
  Setting setting(GetParam().layer);
  for (at::Tensor* leaf : {&setting.a, &setting.b, &setting.x}) leaf->requires_grad_(true);
  EXPECT_NEAR(setting.Step(setting.Adapted()), GetParam().loss, 1e-5 * std::abs(GetParam().loss));
  ExpectGradient(setting.a, 6, GetParam().a_norm, GetParam().a_product);
  ExpectGradient(setting.b, 7, GetParam().b_norm, GetParam().b_product);
  ExpectGradient(setting.x, 8, GetParam().x_norm, GetParam().x_product);
}

TEST_P(AdaptedWeightTest, OnlyTheTrainedFactorCollectsAGradient) {
  for (const bool trains_a : {true, false}) {
    Setting setting(GetParam().layer);
    (trains_a ? setting.a : setting.b).requires_grad_(true);
    setting.Step(setting.Adapted());
    EXPECT_EQ(setting.a.grad().defined(), trains_a);
    EXPECT_EQ(setting.b.grad().defined(), !trains_a);
    if (trains_a) {
      ExpectGradient(setting.a, 6, GetParam().a_norm, GetParam().a_product);
    } else {
      ExpectGradient(setting.b, 7, GetParam().b_norm, GetParam().b_product);
    }
  }
}

TEST_P(AdaptedWeightTest, OutputIsThatOfTheMergedWeightToTheBit) {
  Setting setting(GetParam().layer);
  setting.b.requires_grad_(true);
  const at::Tensor y = setting.layer.apply(setting.Adapted(), setting.x);
  at::NoGradGuard no_grad;
  EXPECT_TRUE(y.equal(setting.layer.apply(AdaptedWeight(setting.Adapted().merged()), setting.x)));
}

TEST_P(AdaptedWeightTest, WeightWithoutAdapterIsTrainedAsItIs) {
  Setting plain(GetParam().layer), adapted(GetParam().layer);
  at::Tensor weight = adapted.Adapted().merged().clone();
  weight.requires_grad_(true);
  adapted.a.requires_grad_(true);
  plain.Step(AdaptedWeight(weight));
  adapted.Step(adapted.Adapted());
  // By the chain rule: dA = scale * B^T dW.
  const at::Tensor expected = kScale * at::matmul(plain.b.t(), weight.grad().view({weight.size(0), -1}));
  EXPECT_TRUE(adapted.a.grad().allclose(expected, 1e-5, 1e-6));
}

INSTANTIATE_TEST_SUITE_P(Layers, AdaptedWeightTest, ::testing::ValuesIn(kAdaptedLayers),
                         [](const auto& info) { return std::string(info.param.layer); });

}  // namespace
}  // namespace consort::trainer
