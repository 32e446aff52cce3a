#include "node/trainer/descriptors/onsets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "node/trainer/descriptors/describe.h"
#include "tests/node/trainer/support/sound_files.h"

namespace consort::trainer {
namespace {

using ::consort::trainer::testing::Noise;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int kRate = 44100;

// Adds a tone of three partials that begins at `begin` seconds and fades by half in `half_life`.
void AddNote(std::vector<float>& sound, double begin, double hertz, double half_life, double gain = 0.2) {
  for (auto i = static_cast<size_t>(begin * kRate); i < sound.size(); ++i) {
    const double t = static_cast<double>(i) / kRate - begin;
    const double envelope = gain * std::exp2(-t / half_life) * std::min(1.0, t / 0.005);
    for (int k = 1; k <= 3; ++k) {
      sound[i] += static_cast<float>(envelope / k * std::sin(2 * std::numbers::pi * hertz * k * t));
    }
  }
}

std::vector<double> OnsetsOf(const std::vector<float>& sound) {
  return OnsetTimes(Describe(sound, kRate).value().track);
}

TEST(OnsetsTest, PluckedNotesAreFoundWhereTheyBegin) {
  std::vector<float> sound(4 * kRate);
  const std::vector<double> begins = {0.5, 0.9, 1.2, 1.35, 2.0, 3.1};
  const std::vector<double> pitches = {262, 294, 330, 392, 440, 262};
  for (size_t i = 0; i < begins.size(); ++i) AddNote(sound, begins[i], pitches[i], 0.2);
  const std::vector<double> onsets = OnsetsOf(sound);
  ASSERT_THAT(onsets, SizeIs(begins.size()));
  for (size_t i = 0; i < begins.size(); ++i) EXPECT_NEAR(onsets[i], begins[i], 0.02) << i;
}

TEST(OnsetsTest, TheSameNoteAgainIsAnOnset) {
  std::vector<float> sound(3 * kRate);
  AddNote(sound, 0.5, 440, 0.15);
  AddNote(sound, 1.5, 440, 0.15);
  EXPECT_THAT(OnsetsOf(sound),
              ElementsAre(::testing::DoubleNear(0.5, 0.02), ::testing::DoubleNear(1.5, 0.02)));
}

TEST(OnsetsTest, SlursBetweenHeldNotesAreOnsets) {
  std::vector<float> sound(3 * kRate);
  double phase = 0;
  for (size_t i = 0; i < sound.size(); ++i) {
    phase += 2 * std::numbers::pi * (i < sound.size() / 2 ? 440 : 587) / kRate;
    for (int k = 1; k <= 4; ++k) sound[i] += static_cast<float>(0.2 / k * std::sin(k * phase));
  }
  const std::vector<double> onsets = OnsetsOf(sound);
  ASSERT_THAT(onsets, SizeIs(2));  // the beginning and the slur
  EXPECT_NEAR(onsets[1], 1.5, 0.03);
}

TEST(OnsetsTest, VibratoOfAHeldNoteIsNoOnset) {
  std::vector<float> sound(4 * kRate);
  double phase = 0;
  for (size_t i = 0; i < sound.size(); ++i) {
    const double cents = 30 * std::sin(2 * std::numbers::pi * 6 * static_cast<double>(i) / kRate);
    phase += 2 * std::numbers::pi * 587 * std::exp2(cents / 1200) / kRate;
    for (int k = 1; k <= 4; ++k) sound[i] += static_cast<float>(0.1 / k * std::sin(k * phase));
  }
  EXPECT_THAT(OnsetsOf(sound), SizeIs(::testing::Le(1u)));  // its beginning
}

TEST(OnsetsTest, SilenceAndSteadyNoiseHaveNone) {
  EXPECT_THAT(OnsetsOf(std::vector<float>(2 * kRate)), IsEmpty());
  EXPECT_THAT(OnsetsOf(Noise(2, 4 * kRate, 0.3f)), SizeIs(::testing::Le(1u)));  // its beginning
}

TEST(OnsetsTest, WhereARecordingBreaksOffIsNoOnset) {
  std::vector<float> sound(kRate);
  AddNote(sound, 0.2, 440, 10);
  EXPECT_THAT(OnsetsOf(sound), SizeIs(1));
}

TEST(OnsetsTest, GainDoesNotMatter) {
  std::vector<float> sound(4 * kRate);
  for (int i = 0; i < 12; ++i) AddNote(sound, 0.3 * i + 0.1, 220 * (1 + i % 5 * 0.2), 0.3);
  std::vector<float> soft = sound;
  for (float& sample : soft) sample *= 0.03f;
  EXPECT_EQ(OnsetsOf(sound), OnsetsOf(soft));
}

TEST(OnsetsTest, PiecewiseIsTheSameAsAllAtOnce) {
  std::vector<OnsetStrength> strengths;
  // Rises about the threshold and restless levels: every frame that is not waited for would count.
  const std::vector<float> rises = Noise(6, 2000, 0.15f), levels = Noise(7, 2000, 0.8f);
  for (size_t i = 0; i < rises.size(); ++i) {
    strengths.push_back({0.15f + rises[i], 1 + levels[i] + 0.03f * static_cast<float>(i % 60)});
  }
  OnsetPicker whole, pieces;
  std::vector<int64_t> expected, found;
  for (const OnsetStrength& strength : strengths) whole.Add(strength);
  whole.Take(/*at_end=*/true, expected);
  for (size_t i = 0; i < strengths.size(); ++i) {
    pieces.Add(strengths[i]);
    if (i % 7 == 0) pieces.Take(/*at_end=*/false, found);
  }
  pieces.Take(/*at_end=*/true, found);
  ASSERT_THAT(expected, SizeIs(::testing::Gt(10u)));
  EXPECT_EQ(found, expected);
}

TEST(SpectralFluxTest, CountsRisesOnlyAndForgivesAMoveToTheNextBand) {
  SpectralFlux flux(4);
  EXPECT_FLOAT_EQ(flux.Add({0, 4, 0, 0}).rise, 2);  // amplitude 2 out of silence
  EXPECT_FLOAT_EQ(flux.Add({0, 0, 4, 0}).rise, 0);  // moved by one band
  const OnsetStrength third = flux.Add({1, 0, 9, 0});
  EXPECT_FLOAT_EQ(third.rise, 1 + 1);  // band 0 from 0 (band 1 was 0 too), band 2 from 2 to 3
  EXPECT_FLOAT_EQ(third.level, 4);
  EXPECT_FLOAT_EQ(flux.Add({0, 0, 0, 0}).rise, 0);
}

}  // namespace
}  // namespace consort::trainer
