// One training step of attribute-vae against the same network, loss and gradients written in Python
// (tests/node/trainer/reference), whose values are stored beside this file.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <iterator>
#include <numbers>
#include <numeric>
#include <vector>

#include "node/trainer/models/attribute_vae.h"
#include "node/trainer/models/compute_threads.h"
#include "node/trainer/models/patch_attributes.h"
#include "tests/node/trainer/models/attribute_vae_reference.h"
#include "tests/node/trainer/support/sound_files.h"

namespace consort::trainer {
namespace {

using ::consort::trainer::testing::kAttributeVaeGradients;
using ::consort::trainer::testing::kAttributeVaeLoss;
using ::consort::trainer::testing::kAttributeVaeMeans;
using ::consort::trainer::testing::Noise;

// As in attribute_vae.py.
constexpr int64_t kSamples = 64 * 512;
constexpr int kRows = 4;
constexpr struct {
  double hertz;
  double gain;
  float noise;
} kTones[kRows] = {{220, 0.1, 0.001f}, {660, 0.4, 0.004f}, {440, 0.2, 0.01f}, {1000, 0, 0.02f}};
// What orders the tones by loudness, centroid, flatness, f0 and onset density; -1: without.
constexpr int kRanks[kPatchAttributes][kRows] = {
    {1, 3, 2, 0}, {0, 1, 2, 3}, {0, 1, 2, 3}, {0, 2, 1, -1}, {0, 0, 0, 0}};

std::vector<float> ExampleAudio() {
  std::vector<float> audio;
  for (int row = 0; row < kRows; ++row) {
    const std::vector<float> noise = Noise(1000 + row, kSamples, kTones[row].noise);
    for (int64_t i = 0; i < kSamples; ++i) {
      const double seconds = static_cast<double>(i) / 44100;
      const double tone = kTones[row].gain * std::sin(2 * std::numbers::pi * kTones[row].hertz * seconds);
      audio.push_back(static_cast<float>(tone + noise[i]));
    }
  }
  return audio;
}

std::unique_ptr<Model> ExampleModel() {
  SetComputeThreads(1);
  auto model = AttributeVae().Initialise(1).value();
  float* next = model->values().data();
  uint32_t number = 0;
  for (const NamedTensor& weight : model->trainable()) {
    const double slice = static_cast<double>(weight.size()) / weight.shape[0];
    const std::vector<float> values =
        Noise(number++, weight.size(), static_cast<float>(2 / std::sqrt(slice)));
    next = std::copy(values.begin(), values.end(), next);
  }
  return model;
}

TEST(AttributeVaeStepTest, AttributesOrderTheTonesAsTheirTableSays) {
  const std::vector<float> audio = ExampleAudio();
  std::vector<PatchAttributes> attributes;
  for (int row = 0; row < kRows; ++row) {
    attributes.push_back(
        MeasurePatchAttributes(absl::MakeConstSpan(audio).subspan(row * kSamples, kSamples), 44100).value());
  }
  for (int a = 0; a < kPatchAttributes; ++a) {
    for (int i = 0; i < kRows; ++i) {
      EXPECT_EQ(std::isnan(attributes[i][a]), kRanks[a][i] < 0) << kPatchAttributeNames[a] << i;
      for (int j = 0; j < kRows; ++j) {
        if (kRanks[a][i] < 0 || kRanks[a][j] < 0) continue;
        EXPECT_EQ(attributes[i][a] > attributes[j][a], kRanks[a][i] > kRanks[a][j])
            << kPatchAttributeNames[a] << i << j << " " << attributes[i][a] << " " << attributes[j][a];
      }
    }
  }
}

TEST(AttributeVaeStepTest, LossAndGradientsEqualThePythonProgramsInDoublePrecision) {
  const auto model = ExampleModel();
  const Batch batch{ExampleAudio(), std::vector<int64_t>(kRows, kSamples), kSamples};
  const StepTerms step{.seed = 7, .kl_weight = 0.01, .attribute_weight = 0.5, .attribute_sharpness = 2};
  EXPECT_NEAR(model->LossAndGradients(batch, step).value(), kAttributeVaeLoss, 1e-5 * kAttributeVaeLoss);

  ASSERT_EQ(model->trainable().size(), std::size(kAttributeVaeGradients));
  absl::Span<const float> gradients = model->gradients();
  for (size_t i = 0; i < model->trainable().size(); ++i) {
    const NamedTensor& weight = model->trainable()[i];
    const auto& reference = kAttributeVaeGradients[i];
    ASSERT_EQ(weight.name, reference.weight);
    const absl::Span<const float> gradient = gradients.first(weight.size());
    gradients.remove_prefix(weight.size());
    const std::vector<float> probe = Noise(2000 + static_cast<uint32_t>(i), weight.size(), 1);
    const double norm =
        std::sqrt(std::inner_product(gradient.begin(), gradient.end(), gradient.begin(), 0.0));
    const double product = std::inner_product(gradient.begin(), gradient.end(), probe.begin(), 0.0);
    EXPECT_NEAR(norm, reference.norm, 1e-4 * reference.norm) << weight.name;
    EXPECT_NEAR(product, reference.product, 1e-4 * reference.norm) << weight.name;
  }
}

TEST(AttributeVaeStepTest, MeansEqualThePythonPrograms) {
  std::vector<float> audio = ExampleAudio();
  audio.resize(kSamples);
  const std::vector<float> means = ExampleModel()->Encode(audio).value();
  for (size_t i = 0; i < std::size(kAttributeVaeMeans); ++i)
    EXPECT_NEAR(means[i], kAttributeVaeMeans[i], 1e-4);
}

}  // namespace
}  // namespace consort::trainer
