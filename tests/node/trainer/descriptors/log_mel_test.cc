#include "node/trainer/descriptors/log_mel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/node/trainer/support/sound_files.h"
#include "tests/support/status_matchers.h"

namespace consort::trainer {
namespace {

using ::consort::testing::StatusIs;
using ::consort::trainer::testing::Noise;
using ::consort::trainer::testing::Sine;
using ::testing::Each;
using ::testing::FloatNear;
using ::testing::HasSubstr;

TEST(MelScaleTest, IsSlaneys) {
  // Linear with 200/3 Hz a mel to 1 kHz; then 27 mels for each factor of 6.4.
  EXPECT_DOUBLE_EQ(MelOfHertz(500), 7.5);
  EXPECT_DOUBLE_EQ(MelOfHertz(1000), 15);
  EXPECT_DOUBLE_EQ(MelOfHertz(6400), 42);
  EXPECT_DOUBLE_EQ(HertzOfMel(7.5), 500);
  EXPECT_NEAR(HertzOfMel(42), 6400, 1e-9);
}

TEST(MelFiltersTest, WeightsOfAFrequencyAddUpToOneBetweenTheOuterBands) {
  const MelFilters filters = MelFilters::Create(44100, 8192, {.bands = 20}).value();
  std::vector<float> power(4097), bands(20);
  for (int bin = 40; bin < 2500; bin += 61) {  // 215 Hz to 13.4 kHz
    power.assign(power.size(), 0);
    power[bin] = 1;
    filters.Apply(power, absl::MakeSpan(bands));
    float sum = 0;
    for (const float band : bands) sum += band;
    EXPECT_NEAR(sum, 1, 1e-5) << bin;
  }
}

TEST(MelFiltersTest, NoBandIsEmptyHoweverNarrow) {
  const MelFilters filters = MelFilters::Create(192000, 512, {.bands = 64}).value();  // bins of 375 Hz
  std::vector<float> bands(64);
  filters.Apply(std::vector<float>(257, 1.0f), absl::MakeSpan(bands));
  EXPECT_THAT(bands, Each(::testing::Gt(0.0f)));
}

TEST(MelFiltersTest, ImpossibleRangesAreRefused) {
  EXPECT_THAT(MelFilters::Create(8000, 512, {.bands = 0}),
              StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_));
  EXPECT_THAT(MelFilters::Create(8000, 512, {.high_hz = 4001}),
              StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_));
  EXPECT_THAT(MelFilters::Create(8000, 512, {.low_hz = 900, .high_hz = 800}),
              StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_));
}

TEST(LogMelTest, EqualsThePlainNumpyComputation) {
  // tests/reference/descriptors.py
  const LogMelSpectrogram mel = LogMel(Noise(1, 4096, 0.5f), 44100, LogMelSettings()).value();
  ASSERT_EQ(mel.frames, 8);
  ASSERT_EQ(mel.bands, 64);
  EXPECT_NEAR(mel.values[0], -8.791016, 2e-4);
  EXPECT_NEAR(mel.values[63], -6.366570, 2e-4);
  EXPECT_NEAR(mel.values[3 * 64 + 10], -8.149611, 2e-4);
  EXPECT_NEAR(mel.values[4 * 64 + 31], -7.655378, 2e-4);
  EXPECT_NEAR(mel.values[7 * 64 + 5], -7.726625, 2e-4);
}

TEST(LogMelTest, OtherSizesAndRatesEqualThePlainNumpyComputation) {
  // tests/reference/descriptors.py
  const LogMelSettings settings = {.sizes = {512, 128, 512}, .range = {.bands = 20}};
  const LogMelSpectrogram mel = LogMel(Noise(5, 2000, 0.1f), 8000, settings).value();
  ASSERT_EQ(mel.frames, 16);
  EXPECT_NEAR(mel.values[2 * 20 + 3], -9.807289, 2e-4);
  EXPECT_NEAR(mel.values[9 * 20 + 19], -7.731350, 2e-4);
}

TEST(LogMelTest, TrianglesNarrowerThanABinEqualThePlainNumpyComputation) {
  // tests/reference/descriptors.py
  const LogMelSpectrogram mel = LogMel(Noise(1, 4096, 0.5f), 44100, {.sizes = {512, 128, 512}}).value();
  EXPECT_NEAR(mel.values[8 * 64 + 1], -8.962084, 2e-4);
  EXPECT_NEAR(mel.values[8 * 64 + 6], -10.197212, 2e-4);
}

TEST(LogMelTest, ASineHasItsPowerInItsBandWhateverTheSizesAndTheRate) {
  // With one band whose triangle is 1 at 1 kHz and hardly less at the sine's few bins: 0.5 * 0.8^2 = 0.32.
  for (const int rate : {16000, 48000}) {
    for (const int transform : {1024, 2048}) {
      const LogMelSettings settings = {.sizes = {transform, 512, transform},
                                       .range = {.bands = 1, .low_hz = 0, .high_hz = HertzOfMel(30)}};
      const LogMelSpectrogram mel = LogMel(Sine(1000, 0.5, rate, 0.8f), rate, settings).value();
      EXPECT_NEAR(mel.values[mel.frames / 2], std::log(0.32), 0.03) << rate << " " << transform;
    }
  }
}

TEST(LogMelTest, GainShiftsEveryValueAlike) {
  const std::vector<float> loud = Noise(1, 8192, 0.5f);
  std::vector<float> soft = loud;
  for (float& sample : soft) sample *= 0.25f;
  const LogMelSettings settings = {.floor = 1e-15};  // far below both
  LogMelSpectrogram a = LogMel(loud, 44100, settings).value();
  const LogMelSpectrogram b = LogMel(soft, 44100, settings).value();
  for (size_t i = 0; i < a.values.size(); ++i) a.values[i] -= b.values[i];
  EXPECT_THAT(a.values, Each(FloatNear(static_cast<float>(2 * std::log(4.0)), 1e-3f)));
}

TEST(LogMelTest, SilenceIsTheFloorAndOneSampleIsOneFrame) {
  const LogMelSpectrogram silence = LogMel(std::vector<float>(1), 44100, LogMelSettings()).value();
  EXPECT_EQ(silence.frames, 1);
  EXPECT_THAT(silence.values, Each(FloatNear(static_cast<float>(std::log(1e-8)), 1e-5f)));
}

TEST(LogMelTest, RefusesNothingNaNAndAFloorOfZero) {
  std::vector<float> broken(100);
  broken[40] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(LogMel({}, 44100, LogMelSettings()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("empty")));
  EXPECT_THAT(LogMel(broken, 44100, LogMelSettings()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not-finite")));
  EXPECT_THAT(LogMel(std::vector<float>(100), 44100, {.floor = 0}),
              StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_));
  EXPECT_THAT(LogMel(std::vector<float>(100), 44100, {.sizes = {512, 0, 512}}),
              StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_));
  EXPECT_THAT(LogMel(std::vector<float>(100), 44100, {.sizes = {512, 128, 513}}),
              StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_));
}

}  // namespace
}  // namespace consort::trainer
