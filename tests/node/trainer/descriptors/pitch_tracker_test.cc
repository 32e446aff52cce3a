#include "node/trainer/descriptors/pitch_tracker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/node/trainer/support/sound_files.h"
#include "tests/support/status_matchers.h"

namespace consort::trainer {
namespace {

using ::consort::testing::StatusIs;
using ::consort::trainer::testing::Noise;
using ::consort::trainer::testing::Sawtooth;
using ::consort::trainer::testing::Sine;

double CentsFrom(double hertz, double reference) { return 1200 * std::log2(hertz / reference); }

Pitch PitchOf(const std::vector<float>& frame, int rate) {
  return PitchTracker::Create(rate, static_cast<int>(frame.size())).value().Estimate(frame);
}

std::vector<float> NoisySawtooth(double hertz, int rate, size_t size, float gain) {
  std::vector<float> frame = Sawtooth(hertz, size, rate, /*partials=*/3);
  const std::vector<float> noise = Noise(9, size, gain);
  for (size_t i = 0; i < size; ++i) frame[i] += noise[i];
  return frame;
}

TEST(PitchTrackerTest, FindsSinesWithinThreeCents) {
  for (const double hertz : {65.4, 110.0, 261.63, 440.0, 987.77, 1760.0, 2637.0}) {
    std::vector<float> frame = Sine(hertz, 0.1, 44100);
    frame.resize(2048);
    const Pitch pitch = PitchOf(frame, 44100);
    EXPECT_TRUE(pitch.voiced) << hertz;
    EXPECT_NEAR(CentsFrom(pitch.hertz, hertz), 0, 3) << hertz;
  }
}

TEST(PitchTrackerTest, EqualsThePlainSumsOfThePaper) {
  // tests/reference/descriptors.py: noisy tones at four rates.
  const Pitch a = PitchOf(NoisySawtooth(220.5, 44100, 2048, 0.02f), 44100);
  EXPECT_NEAR(a.hertz, 220.5112, 2e-3);
  EXPECT_NEAR(a.aperiodicity, 0.002038, 1e-5);
  const Pitch b = PitchOf(NoisySawtooth(87.3, 44100, 2048, 0.05f), 44100);
  EXPECT_NEAR(b.hertz, 87.4791, 2e-3);
  EXPECT_NEAR(b.aperiodicity, 0.012998, 1e-5);
  const Pitch c = PitchOf(NoisySawtooth(1318.5, 48000, 2048, 0.05f), 48000);
  EXPECT_NEAR(c.hertz, 1318.6835, 2e-2);
  EXPECT_NEAR(c.aperiodicity, 0.018462, 1e-5);
  const Pitch d = PitchOf(NoisySawtooth(196, 8000, 512, 0.02f), 8000);
  EXPECT_NEAR(d.hertz, 195.9864, 2e-3);
  const Pitch e = PitchOf(NoisySawtooth(440, 192000, 8192, 0.05f), 192000);
  EXPECT_NEAR(e.hertz, 439.3794, 2e-2);
}

TEST(PitchTrackerTest, FindsTheFundamentalThatIsMissing) {
  // Partials 2, 3 and 4 of 200 Hz: the common period is 5 ms.
  std::vector<float> frame(2048);
  for (const double hertz : {400.0, 600.0, 800.0}) {
    const std::vector<float> partial = Sine(hertz, 0.1, 44100, 0.2f);
    for (size_t i = 0; i < frame.size(); ++i) frame[i] += partial[i];
  }
  EXPECT_NEAR(CentsFrom(PitchOf(frame, 44100).hertz, 200), 0, 3);
}

TEST(PitchTrackerTest, NoiseIsUnvoiced) {
  for (uint32_t seed = 1; seed <= 50; ++seed) {
    const Pitch pitch = PitchOf(Noise(seed, 2048, 0.5f), 44100);
    EXPECT_FALSE(pitch.voiced) << seed;
    EXPECT_GT(pitch.aperiodicity, 0.5) << seed;
  }
}

TEST(PitchTrackerTest, SilenceAndAConstantHaveNoPitch) {
  EXPECT_EQ(PitchOf(std::vector<float>(2048), 44100).hertz, 0);
  EXPECT_FALSE(PitchOf(std::vector<float>(2048, 0.5f), 44100).voiced);
}

TEST(PitchTrackerTest, GainAndAConstantDoNotMatter) {
  const std::vector<float> loud = NoisySawtooth(220.5, 44100, 2048, 0.02f);
  std::vector<float> soft = loud;
  for (float& sample : soft) sample = sample * 0.01f + 0.25f;
  EXPECT_NEAR(CentsFrom(PitchOf(soft, 44100).hertz, PitchOf(loud, 44100).hertz), 0, 0.5);
}

TEST(PitchTrackerTest, FramesTooShortForTheLowestPitchAreRefused) {
  EXPECT_THAT(PitchTracker::Create(44100, 1024), StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_));
  EXPECT_THAT(PitchTracker::Create(7000, 2048), StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_));
}

}  // namespace
}  // namespace consort::trainer
