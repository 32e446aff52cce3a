#include "node/trainer/models/attribute_vae.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "node/trainer/models/compute_threads.h"
#include "node/trainer/models/patch_attributes.h"
#include "node/trainer/models/registry.h"
#include "node/trainer/training/adam.h"
#include "tests/node/trainer/support/sound_files.h"
#include "tests/support/status_matchers.h"

namespace consort::trainer {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::consort::trainer::testing::Noise;
using ::consort::trainer::testing::Pluck;
using ::consort::trainer::testing::Sine;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr int64_t kPatch = 64 * 512;
constexpr double kPatchSeconds = static_cast<double>(kPatch + 1) / 44100;
constexpr StepTerms kStep = {.seed = 1, .kl_weight = 0.001, .attribute_weight = 1, .attribute_sharpness = 10};

std::unique_ptr<Model> Fresh() {
  SetComputeThreads(1);
  return AttributeVae().Initialise(1).value();
}

Batch BatchOf(const std::vector<std::vector<float>>& rows) {
  Batch batch;
  batch.samples = kPatch;
  for (std::vector<float> row : rows) {
    row.resize(kPatch);
    batch.audio.insert(batch.audio.end(), row.begin(), row.end());
    batch.valid.push_back(kPatch);
  }
  return batch;
}

Batch Plucks() {
  return BatchOf(
      {Pluck(1, kPatchSeconds, 44100), Pluck(2, kPatchSeconds, 44100), Pluck(3, kPatchSeconds, 44100)});
}

void TrainSteps(Model& model, const Batch& batch, int steps) {
  Adam adam(model.values().size());
  for (int i = 0; i < steps; ++i) {
    StepTerms step = kStep;
    step.seed = static_cast<uint64_t>(i);
    ASSERT_THAT(model.LossAndGradients(batch, step), IsOk());
    adam.Step(model.values(), model.gradients(), 1e-3);
  }
}

std::vector<double> RanksOf(const std::vector<double>& values) {
  std::vector<double> ranks;
  for (const double value : values) {
    ranks.push_back(std::count_if(values.begin(), values.end(), [&](double other) { return other < value; }));
  }
  return ranks;
}

// Without ties: 1 - 6 * sum(d^2) / (n (n^2 - 1)).
double Spearman(const std::vector<double>& a, const std::vector<double>& b) {
  const std::vector<double> x = RanksOf(a), y = RanksOf(b);
  double squares = 0;
  for (size_t i = 0; i < x.size(); ++i) squares += (x[i] - y[i]) * (x[i] - y[i]);
  const auto n = static_cast<double>(x.size());
  return 1 - 6 * squares / (n * (n * n - 1));
}

TEST(AttributeVaeTest, IsInTheRegistryWithAMillionValues) {
  EXPECT_EQ(FindArchitecture("attribute-vae").value(), &AttributeVae());
  // Encoder 1,024 + 32,768 + 131,072 + 262,144 + 131,072, decoder 67,584 + 262,144 + 131,072 + 32,768 + 512.
  EXPECT_EQ(Fresh()->values().size(), 1052160u);
  EXPECT_EQ(AttributeVae().facts().defaults.attribute_weight, 1);
  EXPECT_EQ(AttributeVae().facts().defaults.attribute_sharpness, 10);
}

TEST(AttributeVaeTest, SameSeedGivesTheSameBitsAndAnotherDoesNot) {
  const auto first = Fresh(), second = Fresh();
  StepTerms step = kStep;
  const double loss = first->LossAndGradients(Plucks(), step).value();
  EXPECT_EQ(second->LossAndGradients(Plucks(), step).value(), loss);
  EXPECT_EQ(second->gradients(), first->gradients());
  step.seed = 2;
  EXPECT_NE(second->LossAndGradients(Plucks(), step).value(), loss);
}

TEST(AttributeVaeTest, TrainingLowersTheLoss) {
  const auto model = Fresh();
  const double before = model->LossAndGradients(Plucks(), kStep).value();
  TrainSteps(*model, Plucks(), 25);
  EXPECT_LT(model->LossAndGradients(Plucks(), kStep).value(), 0.6 * before);
}

TEST(AttributeVaeTest, TheFirstDimensionFollowsLoudness) {
  const auto model = Fresh();
  const auto tone = [](double decibels) {
    return Sine(440, kPatchSeconds, 44100, static_cast<float>(std::pow(10, decibels / 20)));
  };
  std::vector<std::vector<float>> tones;
  for (int i = 0; i < 8; ++i) tones.push_back(tone(-40 + 5 * (3 * i % 8)));  // not in order
  const auto likeness = [&] {
    std::vector<double> levels, heard;
    for (int i = 0; i < 15; ++i) {  // those and levels between them
      levels.push_back(-40 + 2.5 * i);
      heard.push_back(model->Encode(tone(levels.back())).value()[0]);
    }
    return Spearman(heard, levels);
  };
  // By chance this seed's dimension falls with the level.
  ASSERT_LT(likeness(), 0);
  TrainSteps(*model, BatchOf(tones), 10);
  EXPECT_GT(likeness(), 0.95);
}

TEST(AttributeVaeTest, WithoutItsWeightAttributesTakeNoPart) {
  const auto model = Fresh();
  StepTerms step = kStep;
  step.attribute_weight = 0;
  const double without = model->LossAndGradients(Plucks(), step).value();
  EXPECT_LT(without, model->LossAndGradients(Plucks(), kStep).value());
}

TEST(AttributeVaeTest, ReconstructionIsAsLongAsTheAudioAndAlwaysTheSame) {
  const auto model = Fresh();
  for (const size_t samples : {1u, 32768u, 40000u}) {
    const std::vector<float> audio = Noise(1, samples, 0.1f);
    const std::vector<float> output = model->Reconstruct(audio).value();
    EXPECT_THAT(output, SizeIs(samples));
    EXPECT_EQ(model->Reconstruct(audio).value(), output);
  }
  EXPECT_EQ(model->Reconstruct({}).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(AttributeVaeTest, EncodesOneFrameForEachPatch) {
  EXPECT_THAT(Fresh()->Encode(Noise(1, 3 * kPatch, 0.1f)).value(), SizeIs(3 * 32));
  EXPECT_THAT(Fresh()->Encode(Noise(1, kPatch + 1, 0.1f)).value(), SizeIs(2 * 32));
}

TEST(AttributeVaeTest, DecodesOnePatchForEachLatentFrame) {
  const auto model = Fresh();
  EXPECT_THAT(model->Decode(std::vector<float>(32 * 2), 1).value(), SizeIs(2 * kPatch));
  EXPECT_EQ(model->Decode(std::vector<float>(33), 1).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(AttributeVaeTest, PaddingTakesNoPartInTheLoss) {
  const auto model = Fresh();
  Batch batch = Plucks();
  batch.valid[1] = kPatch / 2;
  const double loss = model->LossAndGradients(batch, kStep).value();
  for (int64_t i = kPatch / 2; i < kPatch; ++i) batch.audio[kPatch + i] = 0.9f;
  EXPECT_EQ(model->LossAndGradients(batch, kStep).value(), loss);
}

TEST(AttributeVaeTest, ALongWindowIsSeveralPatches) {
  const auto model = Fresh();
  const Batch two = BatchOf({Pluck(1, kPatchSeconds, 44100), Pluck(2, kPatchSeconds, 44100)});
  Batch one = two;
  one.samples = 2 * kPatch;
  one.valid = {2 * kPatch};
  EXPECT_EQ(model->LossAndGradients(one, kStep).value(), model->LossAndGradients(two, kStep).value());
}

TEST(AttributeVaeTest, OnePatchIsNoBatchAndWindowsMustFit) {
  const auto model = Fresh();
  EXPECT_THAT(model->LossAndGradients(BatchOf({Pluck(1, kPatchSeconds, 44100)}), kStep),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("pairs")));
  Batch batch = Plucks();
  batch.samples = kPatch - 512;
  EXPECT_EQ(model->LossAndGradients(batch, kStep).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(AttributeVaeTest, AudioThatIsNoNumberEndsTheStep) {
  Batch batch = Plucks();
  batch.audio[100] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(Fresh()->LossAndGradients(batch, kStep),
              StatusIs(absl::StatusCode::kOutOfRange, StartsWith("not-finite")));
}

TEST(AttributeVaeTest, SilenceOnlyIsLearntWithoutAttributes) {
  EXPECT_THAT(Fresh()->LossAndGradients(BatchOf({{}, {}}), kStep), IsOk());
}

TEST(AttributeVaeTest, AdaptersLearnAndMergeIntoAWholeModel) {
  const std::string base = Fresh()->SaveMerged({}).value();
  const auto adapted = AttributeVae().Load(base, {}, Adaptation{4, 8, 3}).value();
  const double before = adapted->LossAndGradients(Plucks(), kStep).value();
  TrainSteps(*adapted, Plucks(), 10);
  EXPECT_LT(adapted->LossAndGradients(Plucks(), kStep).value(), before);
  const auto merged = AttributeVae().Load(adapted->SaveMerged({}).value(), {}, Adaptation()).value();
  const std::vector<float> audio = Pluck(4, 1, 44100);
  const auto a = merged->Encode(audio).value(), b = adapted->Encode(audio).value();
  for (size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-5);
}

TEST(PatchAttributesTest, ToneNoiseAndSilenceHaveTheirs) {
  const auto tone = MeasurePatchAttributes(Sine(440, kPatchSeconds, 44100), 44100).value();
  EXPECT_NEAR(tone[3], 69, 0.05);
  EXPECT_NEAR(tone[1], std::log2(440), 0.5);
  const auto noise = MeasurePatchAttributes(Noise(1, kPatch, 0.1f), 44100).value();
  EXPECT_TRUE(std::isnan(noise[3]));
  EXPECT_NEAR(noise[2], -2.5, 0.7);
  const auto silence = MeasurePatchAttributes(std::vector<float>(kPatch), 44100).value();
  EXPECT_EQ(silence[0], -100);
  EXPECT_TRUE(std::isnan(silence[1]));
}

}  // namespace
}  // namespace consort::trainer
