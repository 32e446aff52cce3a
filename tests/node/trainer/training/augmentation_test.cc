#include "node/trainer/training/augmentation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace consort::trainer {
namespace {

using ::testing::Each;
using ::testing::Ge;
using ::testing::Le;

constexpr int kRate = 44100;
constexpr int64_t kSamples = 8192;

// Rows of a sine; the second one ends with padding.
Batch Sines(double hertz = 441) {
  Batch batch;
  batch.samples = kSamples;
  batch.valid = {kSamples, kSamples / 2};
  batch.audio.assign(2 * kSamples, 0.0f);
  for (size_t row = 0; row < 2; ++row) {
    for (int64_t i = 0; i < batch.valid[row]; ++i) {
      batch.audio[row * kSamples + i] =
          static_cast<float>(0.5 * std::sin(2 * std::numbers::pi * hertz * static_cast<double>(i) / kRate));
    }
  }
  return batch;
}

double Power(absl::Span<const float> audio) {
  double sum = 0;
  for (const float sample : audio) sum += static_cast<double>(sample) * sample;
  return sum / static_cast<double>(audio.size());
}

absl::Span<const float> Row(const Batch& batch, size_t row) {
  return absl::MakeConstSpan(batch.audio).subspan(row * kSamples, batch.valid[row]);
}

TEST(AugmentationTest, NothingAskedForChangesNothing) {
  Batch batch = Sines();
  Augment(batch, AugmentationTerms(), kRate, 1);
  EXPECT_EQ(batch.audio, Sines().audio);
}

TEST(AugmentationTest, TheSameSeedGivesTheSameBitsAndAnotherOtherOnes) {
  const AugmentationTerms all = {true, true, true, true, true, true};
  Batch one = Sines(), same = Sines(), other = Sines();
  Augment(one, all, kRate, 1);
  Augment(same, all, kRate, 1);
  Augment(other, all, kRate, 2);
  EXPECT_EQ(one.audio, same.audio);
  EXPECT_NE(one.audio, other.audio);
}

TEST(AugmentationTest, PaddingStaysSilent) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Batch batch = Sines();
    Augment(batch, {true, true, true, true, true, true}, kRate, seed);
    ASSERT_LE(batch.valid[1], kSamples / 2);
    const std::vector<float> padding(batch.audio.begin() + kSamples + batch.valid[1], batch.audio.end());
    EXPECT_THAT(padding, Each(0.0f));
  }
}

TEST(AugmentationTest, GainIsBetweenSixDecibelsLessAndThreeMore) {
  std::vector<double> decibels;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Batch batch = Sines();
    Augment(batch, {.gain = true}, kRate, seed);
    decibels.push_back(10 * std::log10(Power(Row(batch, 0)) / Power(Row(Sines(), 0))));
  }
  EXPECT_THAT(decibels, Each(testing::AllOf(Ge(-6.001), Le(3.001))));
  EXPECT_LT(*std::min_element(decibels.begin(), decibels.end()), -5);
  EXPECT_GT(*std::max_element(decibels.begin(), decibels.end()), 2);
}

TEST(AugmentationTest, AllPassKeepsThePowerOfATone) {
  int changed = 0;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Batch batch = Sines(5000);  // above the poles, whose ringing would need longer to die away
    Augment(batch, {.all_pass = true}, kRate, seed);
    EXPECT_NEAR(Power(Row(batch, 0)) / Power(Row(Sines(5000), 0)), 1, 0.02);
    changed += batch.audio != Sines(5000).audio;
  }
  // 50 seeds of two rows with chance 0.8 each: a batch stays as it was with chance 0.04.
  EXPECT_GT(changed, 40);
}

// Crossings of zero a sample: twice the frequency.
double Crossings(absl::Span<const float> audio) {
  int count = 0;
  for (size_t i = 1; i < audio.size(); ++i) count += (audio[i - 1] < 0) != (audio[i] < 0);
  return count / static_cast<double>(audio.size());
}

TEST(AugmentationTest, ResamplingMovesTheFrequencyByThreePerCentAtMost) {
  double least = 2, most = 0;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    Batch batch = Sines(2000);
    Augment(batch, {.resample = true}, kRate, seed);
    const double ratio = Crossings(Row(batch, 0)) / Crossings(Row(Sines(2000), 0));
    least = std::min(least, ratio);
    most = std::max(most, ratio);
  }
  EXPECT_NEAR(least, 0.97, 0.005);
  EXPECT_NEAR(most, 1.03, 0.005);
}

TEST(AugmentationTest, MuteSilencesAQuarterAtMostAndNotAlways) {
  int muted = 0;
  for (uint64_t seed = 0; seed < 500; ++seed) {
    Batch batch = Sines();
    for (float& sample : batch.audio) sample = 1;
    Augment(batch, {.mute = true}, kRate, seed);
    const auto silent = std::count(Row(batch, 0).begin(), Row(batch, 0).end(), 0.0f);
    EXPECT_LE(silent, kSamples / 4);
    muted += silent > 0;
  }
  EXPECT_NEAR(muted / 500.0, 0.1, 0.04);
}

TEST(AugmentationTest, NoiseFloorLiesBetweenEightyAndSixtyDecibelsBelowFullScale) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Batch batch = Sines();
    std::fill(batch.audio.begin(), batch.audio.end(), 0.0f);
    Augment(batch, {.noise_floor = true}, kRate, seed);
    const double decibels = 10 * std::log10(Power(Row(batch, 0)));
    EXPECT_GT(decibels, -80.5);
    EXPECT_LT(decibels, -59.5);
  }
}

TEST(AugmentationTest, DequantisingAddsLessThanOneStepOfSixteenBits) {
  Batch batch = Sines();
  Augment(batch, {.dequantise = true}, kRate, 1);
  const Batch plain = Sines();
  for (size_t i = 0; i < kSamples; ++i) {
    const double added = static_cast<double>(batch.audio[i]) - plain.audio[i];
    EXPECT_GE(added, -1e-7);
    EXPECT_LT(added, 1.0 / 32768 + 1e-7);
  }
}

}  // namespace
}  // namespace consort::trainer
