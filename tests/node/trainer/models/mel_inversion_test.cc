#include "node/trainer/models/mel_inversion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "node/trainer/measures/reconstruction_measures.h"
#include "tests/node/trainer/support/sound_files.h"

namespace consort::trainer {
namespace {

using ::consort::trainer::testing::Noise;
using ::consort::trainer::testing::Sawtooth;
using ::testing::SizeIs;

constexpr int kRate = 44100;

std::vector<float> SaidAgain(const std::vector<float>& audio, uint64_t seed) {
  const LogMelSpectrogram mel = LogMel(audio, kRate, LogMelSettings()).value();
  std::vector<float> output = MelInversion::Create(kRate, LogMelSettings()).value().Audio(mel.values, seed);
  output.resize(audio.size());
  return output;
}

// A flat spectrum is in the filters' range: its bands come back exactly, and no power is negative.
TEST(MelInversionTest, PowersHaveTheBandsTheyWereAskedFor) {
  const LogMelSettings settings;
  const MelInversion inversion = MelInversion::Create(kRate, settings).value();
  const MelFilters filters = MelFilters::Create(kRate, 2048, MelRange()).value();
  std::vector<float> power(1025), bands(64);
  for (size_t bin = 0; bin < power.size(); ++bin) power[bin] = 1 + static_cast<float>(bin % 7);
  filters.Apply(power, absl::MakeSpan(bands));
  // LogMel's scale for a Hann window: 2 / (2048 * 2048 * 3 / 8).
  const double scale = 2 / (2048.0 * 2048 * 0.375);
  std::vector<float> log_mel;
  for (const float band : bands)
    log_mel.push_back(static_cast<float>(std::log(band * scale + settings.floor)));
  const std::vector<float> found = inversion.PowerOf(log_mel);
  std::vector<float> again(64);
  filters.Apply(found, absl::MakeSpan(again));
  for (size_t band = 0; band < bands.size(); ++band)
    EXPECT_NEAR(again[band], bands[band], 0.02 * bands[band]) << band;
  EXPECT_GE(*std::min_element(found.begin(), found.end()), 0);
}

TEST(MelInversionTest, AudioHasNearlyTheLogMelItWasMadeOf) {
  const std::vector<float> tone = Sawtooth(330, kRate, kRate);
  // A quarter is about a decibel; a sound of another kind lies above 2.
  EXPECT_LT(LogMelDistance(tone, SaidAgain(tone, 1), kRate).value(), 0.6);
  EXPECT_GT(LogMelDistance(tone, Noise(1, kRate, 0.2f), kRate).value(), 2);
}

TEST(MelInversionTest, SilenceStaysSilentAndSeedsChooseThePhase) {
  for (const float sample : SaidAgain(std::vector<float>(kRate / 4), 1)) EXPECT_NEAR(sample, 0, 1e-4);
  const std::vector<float> tone = Sawtooth(330, kRate / 4, kRate);
  EXPECT_EQ(SaidAgain(tone, 1), SaidAgain(tone, 1));
  EXPECT_NE(SaidAgain(tone, 1), SaidAgain(tone, 2));
}

TEST(MelInversionTest, EveryFrameIsAHop) {
  MelInversion inversion = MelInversion::Create(kRate, LogMelSettings()).value();
  EXPECT_THAT(inversion.Audio(std::vector<float>(64 * 3, -5), 1), SizeIs(3 * 512));
  EXPECT_THAT(inversion.Audio({}, 1), SizeIs(0));
}

}  // namespace
}  // namespace consort::trainer
