#include "node/trainer/models/rave.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>

#include "node/trainer/models/compute_threads.h"
#include "node/trainer/models/registry.h"
#include "node/trainer/models/spectral_distance.h"
#include "node/trainer/training/adam.h"
#include "tests/node/trainer/support/sound_files.h"
#include "tests/support/status_matchers.h"

namespace consort::trainer {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::consort::trainer::testing::Pluck;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr int64_t kWindow = 33 * 512;  // the smallest

std::unique_ptr<Model> Fresh() {
  SetComputeThreads(1);
  return RaveTiny().Initialise(1).value();
}

Batch PluckBatch() {
  Batch batch;
  batch.audio = Pluck(1, static_cast<double>(kWindow) / 44100, 44100);
  batch.audio.resize(kWindow);
  batch.valid = {kWindow};
  batch.samples = kWindow;
  return batch;
}

void TrainSteps(Model& model, int steps) {
  Adam adam(model.values().size());
  for (uint64_t step = 0; step < static_cast<uint64_t>(steps); ++step) {
    ASSERT_THAT(model.LossAndGradients(PluckBatch(), {.seed = step, .kl_weight = 0.01}), IsOk());
    adam.Step(model.values(), model.gradients(), 1e-3);
  }
}

TEST(RaveTest, SizesAreInTheRegistryAndOthersAreNot) {
  EXPECT_EQ(FindArchitecture("rave-tiny").value(), &RaveTiny());
  EXPECT_EQ(FindArchitecture("rave-v2-small").value(), &RaveV2Small());
  EXPECT_EQ(FindArchitecture("rave-v2").value(), &RaveV2());
  EXPECT_THAT(ArchitectureNames(), Contains("rave-tiny"));
  EXPECT_THAT(FindArchitecture("rave-huge"),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("wrong-architecture")));
}

TEST(RaveTest, HasTheFoldedValuesOfEncoderDecoderAndNoise) {
  // 399,792 + 541,088 of the weight-normalised network, less its gains: 1,712 output slices in the encoder
  // and 1,952 (input slices of the transposed ones) in the generator, added up by hand.
  EXPECT_EQ(Fresh()->values().size(), 399792u + 541088u - 1712u - 1952u);
}

// As published: 16 bands and the strides make the hop; beta and its warm-up are those of v2_small.gin and
// v2.gin.
TEST(RaveTest, FactsAreThePublishedOnes) {
  EXPECT_EQ(RaveV2Small().facts().hop, 512);
  EXPECT_EQ(RaveV2Small().facts().latent_size, 128);
  EXPECT_EQ(RaveV2Small().facts().defaults.kl_weight, 0.01);
  EXPECT_EQ(RaveV2().facts().hop, 2048);
  EXPECT_EQ(RaveV2().facts().latent_size, 128);
  EXPECT_EQ(RaveV2().facts().defaults.kl_weight, 0.05);
  EXPECT_EQ(RaveV2().facts().defaults.kl_start, 1e-6);
  EXPECT_EQ(RaveV2().facts().defaults.kl_warm_up_steps, 20000u);
  EXPECT_EQ(RaveV2().facts().min_window, 9 * 2048);  // the first multiple above 1024 band frames
}

TEST(RaveTest, V2SmallReconstructsWhatIsAsLong) {
  SetComputeThreads(1);
  const auto model = RaveV2Small().Initialise(1).value();
  EXPECT_EQ(model->values().size(), 3945904u + 3816608u - 5296u - 5792u);
  EXPECT_THAT(model->Reconstruct(std::vector<float>(1000, 0.1f)).value(), SizeIs(1000));
  EXPECT_THAT(model->Encode(std::vector<float>(1000, 0.1f)).value(), SizeIs(2 * 128));
}

TEST(RaveTest, TheBaseModelLoads) {
  std::ifstream file(CONSORT_BASE_MODEL, std::ios::binary);
  const std::string base((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto model = RaveTiny().Load(base, {}, Adaptation());
  ASSERT_THAT(model, IsOk());
  const std::vector<float> audio = Pluck(1, 1, 44100);
  EXPECT_LT(SpectralDistance(audio, (*model)->Reconstruct(audio).value()).value(),
            SpectralDistance(audio, Fresh()->Reconstruct(audio).value()).value());
}

// v2_small's structure and so its receptive field, 10604 / 10044 samples, with few channels.
std::unique_ptr<Architecture> Narrow(bool crops_band_loss) {
  RaveSize size;
  size.name = "narrow";
  size.shape.capacity = 2;
  size.shape.latent = 4;
  size.crops_band_loss = crops_band_loss;
  return MakeRave(size);
}

double LossOfNarrow(bool crops_band_loss, int64_t samples) {
  SetComputeThreads(1);
  const auto architecture = Narrow(crops_band_loss);
  const auto model = architecture->Initialise(1).value();
  Batch batch;
  batch.audio = Pluck(1, static_cast<double>(samples) / 44100, 44100);
  batch.audio.resize(samples);
  batch.valid = {samples};
  batch.samples = samples;
  return model->LossAndGradients(batch, {.seed = 1, .kl_weight = 0.01}).value();
}

// By hand: 10604 / 16 rounded down, 10044 / 16 rounded up and the 1025 frames that must be left are 2315 band
// frames, 37040 samples: more than 72 * 512 and less than 73 * 512.
TEST(RaveTest, BandsAreCroppedByTheReceptiveFieldWhereEnoughIsLeft) {
  EXPECT_NE(LossOfNarrow(true, 73 * 512), LossOfNarrow(false, 73 * 512));
  EXPECT_EQ(LossOfNarrow(true, 72 * 512), LossOfNarrow(false, 72 * 512));
}

StepTerms AdversarialStep(uint64_t step) {
  return {.seed = step, .kl_weight = 0.01, .adversarial = true, .step = step};
}

TEST(RaveTest, DiscriminatorsAndGeneratorTakeTurns) {
  const auto tiny = Fresh();
  EXPECT_TRUE(tiny->TrainsValues({.step = 0}));
  EXPECT_FALSE(tiny->TrainsValues(AdversarialStep(0)));
  EXPECT_TRUE(tiny->TrainsValues(AdversarialStep(1)));
  EXPECT_FALSE(tiny->TrainsValues(AdversarialStep(2)));
  const auto v2 = RaveV2().Initialise(1).value();
  EXPECT_TRUE(v2->TrainsValues(AdversarialStep(2)));
  EXPECT_FALSE(v2->TrainsValues(AdversarialStep(4)));
}

TEST(RaveTest, TheDiscriminatorsTurnLeavesTheModelAlone) {
  const auto architecture = Narrow(false);
  const auto model = architecture->Initialise(1).value();
  ASSERT_THAT(model->LossAndGradients(PluckBatch(), {.seed = 1}), IsOk());
  ASSERT_THAT(model->LossAndGradients(PluckBatch(), AdversarialStep(0)), IsOk());
  for (float gradient : model->gradients()) ASSERT_EQ(gradient, 0);
}

TEST(RaveTest, TheEncoderIsHeldInTheAdversarialPhase) {
  const auto architecture = Narrow(false);
  const auto model = architecture->Initialise(1).value();
  ASSERT_THAT(model->LossAndGradients(PluckBatch(), AdversarialStep(1)), IsOk());
  absl::Span<const float> left = model->gradients();
  for (const NamedTensor& tensor : model->trainable()) {
    double largest = 0;
    for (float gradient : left.first(tensor.size())) largest = std::max<double>(largest, std::abs(gradient));
    EXPECT_EQ(largest == 0, tensor.name.starts_with("encoder.")) << tensor.name;
    left.remove_prefix(tensor.size());
  }
}

TEST(RaveTest, DiscriminatorsStayAtTheArchive) {
  const auto architecture = Narrow(false);
  const auto model = architecture->Initialise(1).value();
  const std::string before = model->SaveState({}).value();
  EXPECT_EQ(model->SaveLocal().value(), "");
  ASSERT_THAT(model->LossAndGradients(PluckBatch(), AdversarialStep(0)), IsOk());
  EXPECT_NE(model->SaveLocal().value(), "");
  EXPECT_EQ(model->SaveState({}).value(), before);
  EXPECT_EQ(model->SaveMerged({}).value(), before);
}

void TrainAdversarially(Model& model, uint64_t first_step, Adam& adam) {
  for (uint64_t step = first_step; step < first_step + 2; ++step) {
    ASSERT_THAT(model.LossAndGradients(PluckBatch(), AdversarialStep(step)), IsOk());
    if (model.TrainsValues(AdversarialStep(step))) adam.Step(model.values(), model.gradients(), 1e-3);
  }
}

TEST(RaveTest, TheAdversarialPhaseGoesOnAfterARestartBitByBit) {
  const auto architecture = Narrow(false);
  const auto unbroken = architecture->Initialise(1).value();
  Adam adam(unbroken->values().size());
  TrainAdversarially(*unbroken, 0, adam);
  const auto restarted = architecture->Load(unbroken->SaveMerged({}).value(), {}, Adaptation()).value();
  ASSERT_THAT(restarted->LoadLocal(unbroken->SaveLocal().value()), IsOk());
  Adam adam_after(unbroken->values().size());
  adam_after.Restore(adam.state());
  TrainAdversarially(*unbroken, 2, adam);
  TrainAdversarially(*restarted, 2, adam_after);
  EXPECT_EQ(restarted->values(), unbroken->values());
  EXPECT_EQ(restarted->SaveLocal().value(), unbroken->SaveLocal().value());
}

TEST(RaveTest, DamagedDiscriminatorsAreRefused) {
  EXPECT_THAT(Fresh()->LoadLocal("damaged"),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("artifact-damaged")));
}

TEST(RaveTest, SameSeedGivesTheSameBitsAndAnotherDoesNot) {
  const auto first = Fresh(), second = Fresh();
  const double loss = first->LossAndGradients(PluckBatch(), {.seed = 5, .kl_weight = 0.01}).value();
  EXPECT_EQ(second->LossAndGradients(PluckBatch(), {.seed = 5, .kl_weight = 0.01}).value(), loss);
  EXPECT_EQ(second->gradients(), first->gradients());
  EXPECT_NE(second->LossAndGradients(PluckBatch(), {.seed = 6, .kl_weight = 0.01}).value(), loss);
}

TEST(RaveTest, TrainingLowersTheLoss) {
  const auto model = Fresh();
  const double before = model->LossAndGradients(PluckBatch(), {.seed = 1, .kl_weight = 0.01}).value();
  TrainSteps(*model, 60);
  EXPECT_LT(model->LossAndGradients(PluckBatch(), {.seed = 1, .kl_weight = 0.01}).value(), 0.8 * before);
}

TEST(RaveTest, ReconstructionIsAsLongAsTheAudioAndAlwaysTheSame) {
  const auto model = Fresh();
  for (size_t samples : {1u, 511u, 512u, 5000u}) {
    const std::vector<float> audio(samples, 0.1f);
    const std::vector<float> output = model->Reconstruct(audio).value();
    EXPECT_THAT(output, SizeIs(samples));
    EXPECT_EQ(model->Reconstruct(audio).value(), output);
  }
  EXPECT_EQ(model->Reconstruct({}).status().code(), absl::StatusCode::kInvalidArgument);
}

// 400 draws: at a standard deviation of about 0.7 at the start, their average is off by 0.035, here at most
// five times that: one value of 64 fails once in 27,000 seeds.
TEST(RaveTest, SampledLatentsLieAroundTheirMeans) {
  const auto model = Fresh();
  const std::vector<float> audio(4 * 512, 0.1f);
  const std::vector<float> means = model->Encode(audio).value();
  std::vector<double> average(means.size());
  for (uint64_t seed = 0; seed < 400; ++seed) {
    const std::vector<float> drawn = model->EncodeSampled(audio, seed).value();
    ASSERT_EQ(drawn.size(), means.size());
    for (size_t i = 0; i < drawn.size(); ++i) average[i] += drawn[i] / 400;
  }
  for (size_t i = 0; i < means.size(); ++i) EXPECT_NEAR(average[i], means[i], 0.18);
  EXPECT_EQ(model->EncodeSampled(audio, 1).value(), model->EncodeSampled(audio, 1).value());
  EXPECT_NE(model->EncodeSampled(audio, 1).value(), model->EncodeSampled(audio, 2).value());
  EXPECT_EQ(model->EncodeSampled({}, 1).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(RaveTest, DecodesOneHopForEachLatentFrame) {
  const auto model = Fresh();
  EXPECT_THAT(model->Decode(std::vector<float>(16 * 3), 1).value(), SizeIs(3 * 512));
  EXPECT_EQ(model->Decode(std::vector<float>(17), 1).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(RaveTest, PaddingTakesNoPartInTheLoss) {
  const auto model = Fresh();
  Batch batch = PluckBatch();
  batch.valid = {kWindow / 2};
  const double loss = model->LossAndGradients(batch, {.seed = 1, .kl_weight = 0.01}).value();
  for (int64_t i = kWindow / 2; i < kWindow; ++i) batch.audio[i] = 0.9f;
  EXPECT_EQ(model->LossAndGradients(batch, {.seed = 1, .kl_weight = 0.01}).value(), loss);
}

TEST(RaveTest, RefusesWindowsThatDoNotFit) {
  const auto model = Fresh();
  Batch batch = PluckBatch();
  batch.samples = kWindow - 512;
  EXPECT_THAT(model->LossAndGradients(batch, {.seed = 1, .kl_weight = 0.01}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("multiples of 512")));
  batch = PluckBatch();
  batch.valid = {0};
  EXPECT_EQ(model->LossAndGradients(batch, {.seed = 1, .kl_weight = 0.01}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(RaveTest, AudioThatIsNoNumberEndsTheStep) {
  const auto model = Fresh();
  Batch batch = PluckBatch();
  batch.audio[100] = std::numeric_limits<float>::infinity();
  EXPECT_THAT(model->LossAndGradients(batch, {.seed = 1, .kl_weight = 0.01}),
              StatusIs(absl::StatusCode::kOutOfRange, StartsWith("not-finite")));
}

TEST(RaveTest, SavedModelReconstructsTheSameBits) {
  const auto model = Fresh();
  TrainSteps(*model, 1);
  const std::string file = model->SaveMerged({{"consort.architecture", "rave-tiny"}}).value();
  EXPECT_LE(file.size(), 5u << 20);
  const auto loaded = RaveTiny().Load(file, {}, Adaptation()).value();
  const std::vector<float> audio = PluckBatch().audio;
  EXPECT_EQ(loaded->Reconstruct(audio).value(), model->Reconstruct(audio).value());
}

TEST(RaveTest, AdaptersLearnAndMergeIntoAWholeModel) {
  const std::string base = Fresh()->SaveMerged({}).value();
  const auto adapted = RaveTiny().Load(base, {}, Adaptation{4, 8, 3}).value();
  const std::vector<float> audio = PluckBatch().audio;
  const std::vector<float> at_base =
      RaveTiny().Load(base, {}, Adaptation()).value()->Reconstruct(audio).value();
  EXPECT_EQ(adapted->Reconstruct(audio).value(), at_base);
  TrainSteps(*adapted, 10);
  EXPECT_LT(SpectralDistance(audio, adapted->Reconstruct(audio).value()).value(),
            SpectralDistance(audio, at_base).value());
  const auto merged = RaveTiny().Load(adapted->SaveMerged({}).value(), {}, Adaptation()).value();
  EXPECT_EQ(merged->Reconstruct(audio).value(), adapted->Reconstruct(audio).value());
  const auto reloaded = RaveTiny().Load(base, adapted->SaveState({}).value(), Adaptation{4, 8, 99}).value();
  EXPECT_EQ(reloaded->Reconstruct(audio).value(), adapted->Reconstruct(audio).value());
}

}  // namespace
}  // namespace consort::trainer
