#include "node/trainer/descriptors/loudness_meter.h"

#include <ebur128.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "tests/node/trainer/support/sound_files.h"
#include "tests/support/status_matchers.h"

namespace consort::trainer {
namespace {

using ::consort::testing::StatusIs;
using ::consort::trainer::testing::Noise;
using ::consort::trainer::testing::Sine;

LoudnessMeter MeterOf(const std::vector<float>& sound, int rate) {
  LoudnessMeter meter = LoudnessMeter::Create(rate).value();
  meter.Add(sound);
  return meter;
}

// Stretches of a 1 kHz sine: peak level in dB (full scale = 0) and seconds.
std::vector<float> Stretches(const std::vector<std::pair<double, double>>& levels, int rate) {
  std::vector<float> sound;
  for (const auto& [decibels, seconds] : levels) {
    const auto part = Sine(1000, seconds, rate, static_cast<float>(std::pow(10, decibels / 20)));
    sound.insert(sound.end(), part.begin(), part.end());
  }
  return sound;
}

TEST(KWeightingTest, IsTheTablesOfTheStandardAt48Kilohertz) {
  // ITU-R BS.1770-4, annex 1, tables 1 and 2.
  const auto [shelf, high_pass] = KWeighting(48000);
  EXPECT_NEAR(shelf.b0, 1.53512485958697, 1e-8);
  EXPECT_NEAR(shelf.b1, -2.69169618940638, 1e-8);
  EXPECT_NEAR(shelf.b2, 1.19839281085285, 1e-8);
  EXPECT_NEAR(shelf.a1, -1.69065929318241, 1e-8);
  EXPECT_NEAR(shelf.a2, 0.73248077421585, 1e-8);
  EXPECT_EQ(high_pass.b0, 1);
  EXPECT_EQ(high_pass.b1, -2);
  EXPECT_EQ(high_pass.b2, 1);
  EXPECT_NEAR(high_pass.a1, -1.99004745483398, 1e-8);
  EXPECT_NEAR(high_pass.a2, 0.99007225036621, 1e-8);
}

TEST(LoudnessMeterTest, FullScaleSineInOneChannelReadsMinusThree) {
  // BS.1770-4, annex 1: 997 Hz at 0 dB in one channel reads -3.01 LKFS.
  // Filters derived for other rates than 48 kHz differ by hundredths.
  for (const int rate : {44100, 48000, 96000, 192000}) {
    const double tolerance = rate == 48000 ? 0.01 : 0.03;
    const LoudnessMeter meter = MeterOf(Sine(997, 5, rate, 1), rate);
    EXPECT_NEAR(meter.Integrated(), -3.01, tolerance) << rate;
    EXPECT_NEAR(meter.Momentary(), -3.01, tolerance) << rate;
  }
}

// EBU Tech 3341, cases 1 to 5, tolerance 0.1 LU. The cases are stereo; one of the two channels reads 3.01 LU
// less.
constexpr double kOneOfTwo = -3.01;

TEST(LoudnessMeterTest, ReadsTech3341Case1) {
  EXPECT_NEAR(MeterOf(Stretches({{-23, 20}}, 48000), 48000).Integrated(), -23 + kOneOfTwo, 0.1);
}

TEST(LoudnessMeterTest, ReadsTech3341Case2) {
  EXPECT_NEAR(MeterOf(Stretches({{-33, 20}}, 48000), 48000).Integrated(), -33 + kOneOfTwo, 0.1);
}

TEST(LoudnessMeterTest, RelativeGateReadsTech3341Case3) {
  EXPECT_NEAR(MeterOf(Stretches({{-36, 10}, {-23, 60}, {-36, 10}}, 48000), 48000).Integrated(),
              -23 + kOneOfTwo, 0.1);
}

TEST(LoudnessMeterTest, BothGatesReadTech3341Case4) {
  const auto sound = Stretches({{-72, 10}, {-36, 10}, {-23, 60}, {-36, 10}, {-72, 10}}, 48000);
  EXPECT_NEAR(MeterOf(sound, 48000).Integrated(), -23 + kOneOfTwo, 0.1);
}

TEST(LoudnessMeterTest, ReadsTech3341Case5) {
  const auto sound = Stretches({{-26, 20}, {-20, 20.1}, {-26, 20}}, 48000);
  EXPECT_NEAR(MeterOf(sound, 48000).Integrated(), -23 + kOneOfTwo, 0.1);
}

struct Ebur128Free {
  void operator()(ebur128_state* state) const { ebur128_destroy(&state); }
};

TEST(LoudnessMeterTest, AgreesWithLibebur128AtEveryRate) {
  for (const int rate : {8000, 16000, 22050, 44100, 96000, 192000}) {
    // Noise whose level changes, so that blocks fall on either side of the relative gate.
    std::vector<float> sound = Noise(4, static_cast<size_t>(rate) * 3, 0.3f);
    for (size_t i = 0; i < sound.size(); ++i)
      sound[i] *= static_cast<float>(std::exp(-3.0 * i / sound.size()));
    const std::unique_ptr<ebur128_state, Ebur128Free> other(
        ebur128_init(1, rate, EBUR128_MODE_I | EBUR128_MODE_M));
    ASSERT_EQ(ebur128_add_frames_float(other.get(), sound.data(), sound.size()), EBUR128_SUCCESS);
    double integrated = 0, momentary = 0;
    ASSERT_EQ(ebur128_loudness_global(other.get(), &integrated), EBUR128_SUCCESS);
    ASSERT_EQ(ebur128_loudness_momentary(other.get(), &momentary), EBUR128_SUCCESS);
    const LoudnessMeter meter = MeterOf(sound, rate);
    EXPECT_NEAR(meter.Integrated(), integrated, 0.02) << rate;
    EXPECT_NEAR(meter.Momentary(), momentary, 0.02) << rate;
  }
}

TEST(LoudnessMeterTest, HalfTheGainIsSixDecibelsLess) {
  const double loud = MeterOf(Sine(440, 2, 44100, 0.8f), 44100).Integrated();
  EXPECT_NEAR(MeterOf(Sine(440, 2, 44100, 0.4f), 44100).Integrated(), loud - 20 * std::log10(2.0), 1e-4);
}

TEST(LoudnessMeterTest, SilenceAndNothingReadTheFloor) {
  EXPECT_EQ(LoudnessMeter::Create(44100)->Integrated(), kSilenceLufs);
  const LoudnessMeter meter = MeterOf(std::vector<float>(44100), 44100);
  EXPECT_EQ(meter.Integrated(), kSilenceLufs);
  EXPECT_EQ(meter.Momentary(), kSilenceLufs);
}

TEST(LoudnessMeterTest, NothingBelowTheAbsoluteGateCounts) {
  EXPECT_NEAR(MeterOf(Stretches({{-66, 3}}, 48000), 48000).Integrated(), -66 + kOneOfTwo, 0.1);
  EXPECT_EQ(MeterOf(Stretches({{-68, 3}}, 48000), 48000).Integrated(), kSilenceLufs);  // -71 LUFS
  EXPECT_EQ(MeterOf(Stretches({{-68, 0.3}}, 48000), 48000).Integrated(), kSilenceLufs);
}

TEST(LoudnessMeterTest, ASoundThenSilenceLeavesNoTraceInMomentary) {
  LoudnessMeter meter = MeterOf(Sine(440, 1, 44100, 1), 44100);
  meter.Add(std::vector<float>(2 * 44100));
  EXPECT_EQ(meter.Momentary(), kSilenceLufs);
}

TEST(LoudnessMeterTest, ShorterThanABlockIsMeasuredWithSilenceBehind) {
  // 100 ms of the 400 are sound: a quarter of the power, -6.02 dB (a little less for the filter's ringing).
  EXPECT_NEAR(MeterOf(Sine(997, 0.1, 48000, 1), 48000).Integrated(), -3.01 - 6.02, 0.1);
}

TEST(LoudnessMeterTest, RatesOutsideTheRangeAreRefused) {
  EXPECT_THAT(LoudnessMeter::Create(7999), StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_));
  EXPECT_THAT(LoudnessMeter::Create(192001), StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_));
}

}  // namespace
}  // namespace consort::trainer
