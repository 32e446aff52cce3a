// One training step of rave-tiny against the same network, loss and gradients written in Python
// (tests/node/trainer/reference), whose values are stored beside this file.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <iterator>
#include <numeric>
#include <vector>

#include "node/trainer/models/compute_threads.h"
#include "node/trainer/models/rave.h"
#include "tests/node/trainer/models/training_step_reference.h"
#include "tests/support/status_matchers.h"

namespace consort::trainer {
namespace {

using ::consort::trainer::testing::kReferenceGradients;
using ::consort::trainer::testing::kReferenceLoss;

// As in print_step_reference.py.
constexpr int kRows = 2;
constexpr int64_t kSamples = 33 * 512;
constexpr uint64_t kSeed = 7;
constexpr uint32_t kAudioSeed = 1000;
constexpr uint32_t kProbeSeed = 2000;

// Noise that any language makes alike: the linear congruential generator of Numerical Recipes.
std::vector<float> Noise(uint32_t seed, int64_t count, double gain) {
  std::vector<float> noise(count);
  for (float& value : noise) {
    seed = seed * 1664525u + 1013904223u;
    value = static_cast<float>(gain * (seed / 2147483648.0 - 1));
  }
  return noise;
}

std::unique_ptr<Model> ExampleModel() {
  SetComputeThreads(1);
  auto model = RaveTiny().Initialise(1).value();
  float* next = model->values().data();
  uint32_t number = 0;
  for (const NamedTensor& weight : model->trainable()) {
    const double slice = static_cast<double>(weight.size()) / weight.shape[0];
    const double gain = weight.name.starts_with("noise.") ? 8 : 1.5;
    const std::vector<float> values = Noise(number++, weight.size(), gain / std::sqrt(slice));
    next = std::copy(values.begin(), values.end(), next);
  }
  return model;
}

Batch ExampleBatch() {
  Batch batch;
  batch.audio = Noise(kAudioSeed, kRows * kSamples, 0.005);
  batch.valid.assign(kRows, kSamples);
  batch.samples = kSamples;
  return batch;
}

TEST(TrainingStepTest, LossAndGradientsEqualThePythonProgramsInDoublePrecision) {
  const auto model = ExampleModel();
  const double loss = model->LossAndGradients(ExampleBatch(), {.seed = kSeed, .kl_weight = 0.01}).value();
  EXPECT_NEAR(loss, kReferenceLoss, 1e-5 * kReferenceLoss);

  ASSERT_EQ(model->trainable().size(), std::size(kReferenceGradients));
  absl::Span<const float> gradients = model->gradients();
  for (size_t i = 0; i < model->trainable().size(); ++i) {
    const NamedTensor& weight = model->trainable()[i];
    const auto& reference = kReferenceGradients[i];
    ASSERT_EQ(weight.name, reference.weight);
    const absl::Span<const float> gradient = gradients.first(weight.size());
    gradients.remove_prefix(weight.size());
    const std::vector<float> probe = Noise(kProbeSeed + static_cast<uint32_t>(i), weight.size(), 1);
    const double norm =
        std::sqrt(std::inner_product(gradient.begin(), gradient.end(), gradient.begin(), 0.0));
    const double product = std::inner_product(gradient.begin(), gradient.end(), probe.begin(), 0.0);
    const double tolerance = 1e-5 * reference.norm;
    EXPECT_NEAR(norm, reference.norm, tolerance) << weight.name;
    EXPECT_NEAR(product, reference.product, tolerance) << weight.name;
  }
}

}  // namespace
}  // namespace consort::trainer
