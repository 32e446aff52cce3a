// Training steps of the rave family against the same networks, losses and gradients written in Python
// (tests/node/trainer/reference), whose values are stored beside this file.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include "node/trainer/models/compute_threads.h"
#include "node/trainer/models/discriminators.h"
#include "node/trainer/models/rave.h"
#include "tests/node/trainer/models/training_step_reference.h"
#include "tests/support/status_matchers.h"

namespace consort::trainer {
namespace {

using ::consort::testing::IsOk;
using ::consort::trainer::testing::ReferenceStep;

// As in print_step_reference.py and rave.py.
constexpr uint64_t kSeed = 7;
constexpr uint32_t kAudioSeed = 1000, kProbeSeed = 2000, kDiscriminatorSeed = 3000;
constexpr uint32_t kRecordedSeed = 4000, kGeneratedSeed = 5000;
constexpr int64_t kJudgedSamples = 4001;
constexpr int64_t kNarrowCapacity = 2;

// Noise that any language makes alike: the linear congruential generator of Numerical Recipes.
std::vector<float> Noise(uint32_t seed, int64_t count, double gain) {
  std::vector<float> noise(count);
  for (float& value : noise) {
    seed = seed * 1664525u + 1013904223u;
    value = static_cast<float>(gain * (seed / 2147483648.0 - 1));
  }
  return noise;
}

std::unique_ptr<Model> ExampleModel(const Architecture& architecture) {
  SetComputeThreads(1);
  auto model = architecture.Initialise(1).value();
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

std::unique_ptr<Discriminators> ExampleDiscriminators() {
  SetComputeThreads(1);
  auto discriminators = Discriminators::Create(kNarrowCapacity, 1).value();
  float* next = discriminators->values().data();
  uint32_t number = kDiscriminatorSeed;
  for (const NamedTensor& weight : discriminators->trainable()) {
    const double gain = weight.name.ends_with(".bias") ? 0.1 : 2;
    const std::vector<float> values = Noise(number++, weight.size(), gain);
    next = std::copy(values.begin(), values.end(), next);
  }
  return discriminators;
}

Batch ExampleBatch(int64_t rows, int64_t samples) {
  Batch batch;
  batch.audio = Noise(kAudioSeed, rows * samples, 0.005);
  batch.valid.assign(rows, samples);
  batch.samples = samples;
  return batch;
}

at::Tensor JudgedAudio(uint32_t seed) {
  const std::vector<float> noise = Noise(seed, 2 * kJudgedSamples, 0.5);
  at::Tensor audio = at::empty({2, 1, kJudgedSamples});
  std::copy(noise.begin(), noise.end(), audio.data_ptr<float>());
  return audio;
}

void ExpectGradients(const std::vector<NamedTensor>& weights, absl::Span<const float> gradients,
                     const ReferenceStep& reference, double relative_error) {
  ASSERT_EQ(weights.size(), reference.gradients.size());
  for (size_t i = 0; i < weights.size(); ++i) {
    const auto& expected = reference.gradients[i];
    ASSERT_EQ(weights[i].name, expected.weight);
    const absl::Span<const float> gradient = gradients.first(weights[i].size());
    gradients.remove_prefix(gradient.size());
    const std::vector<float> probe = Noise(kProbeSeed + static_cast<uint32_t>(i), weights[i].size(), 1);
    const double norm =
        std::sqrt(std::inner_product(gradient.begin(), gradient.end(), gradient.begin(), 0.0));
    const double product = std::inner_product(gradient.begin(), gradient.end(), probe.begin(), 0.0);
    const double tolerance = relative_error * expected.norm;
    EXPECT_NEAR(norm, expected.norm, tolerance) << weights[i].name;
    EXPECT_NEAR(product, expected.product, tolerance) << weights[i].name;
  }
}

void ExpectStep(Model& model, const Batch& batch, const StepTerms& terms, const ReferenceStep& reference,
                double relative_error) {
  EXPECT_NEAR(model.LossAndGradients(batch, terms).value(), reference.loss, relative_error * reference.loss);
  ExpectGradients(model.trainable(), model.gradients(), reference, relative_error);
}

// The structure of v2 or v2_small, receptive field and crop included, with few channels.
std::unique_ptr<Architecture> Narrow(RaveShape shape) {
  RaveSize size;
  size.name = "narrow";
  size.shape = std::move(shape);
  size.shape.capacity = kNarrowCapacity;
  size.shape.latent = 4;
  size.crops_band_loss = true;
  return MakeRave(size);
}

TEST(TrainingStepTest, TinyEqualsThePythonProgramInDoublePrecision) {
  const auto model = ExampleModel(RaveTiny());
  ExpectStep(*model, ExampleBatch(2, 33 * 512), {.seed = kSeed, .kl_weight = 0.01}, testing::kTiny, 1e-5);
}

TEST(TrainingStepTest, V2SmallsStructureEqualsThePythonProgram) {
  const auto narrow = Narrow(RaveV2SmallShape());
  const auto model = ExampleModel(*narrow);
  ExpectStep(*model, ExampleBatch(1, 73 * 512), {.seed = kSeed, .kl_weight = 0.01}, testing::kNarrowV2Small,
             1e-4);
}

TEST(TrainingStepTest, V2sStructureEqualsThePythonProgram) {
  const auto narrow = Narrow(RaveV2Shape());
  const auto model = ExampleModel(*narrow);
  ExpectStep(*model, ExampleBatch(1, 35 * 2048), {.seed = kSeed, .kl_weight = 0.05}, testing::kNarrowV2,
             1e-4);
}

TEST(TrainingStepTest, TheGeneratorsTurnEqualsThePythonProgram) {
  const auto narrow = Narrow(RaveV2SmallShape());
  const auto model = ExampleModel(*narrow);
  ASSERT_THAT(model->LoadLocal(ExampleDiscriminators()->Save().value()), IsOk());
  const StepTerms terms = {.seed = kSeed, .kl_weight = 0.01, .adversarial = true, .step = 1};
  ExpectStep(*model, ExampleBatch(2, 73 * 512), terms, testing::kGeneratorsTurn, 1e-4);
}

TEST(TrainingStepTest, TheDiscriminatorsTurnEqualsThePythonProgram) {
  const auto discriminators = ExampleDiscriminators();
  const double loss = discriminators->Train(JudgedAudio(kRecordedSeed), JudgedAudio(kGeneratedSeed)).value();
  EXPECT_NEAR(loss, testing::kDiscriminatorsTurn.loss, 1e-4 * loss);
  ExpectGradients(discriminators->trainable(), discriminators->gradients(), testing::kDiscriminatorsTurn,
                  1e-4);
}

TEST(TrainingStepTest, TheJudgementAndItsGradientEqualThePythonPrograms) {
  const auto discriminators = ExampleDiscriminators();
  at::Tensor gradient;
  const double loss =
      discriminators->Judge(JudgedAudio(kRecordedSeed), JudgedAudio(kGeneratedSeed), &gradient);
  EXPECT_NEAR(loss, testing::kJudgement.loss, 1e-4 * std::abs(loss));
  ExpectGradients({{"generated", {2, 1, kJudgedSamples}}},
                  {gradient.data_ptr<float>(), static_cast<size_t>(gradient.numel())}, testing::kJudgement,
                  1e-4);
}

}  // namespace
}  // namespace consort::trainer
