#include "node/trainer/measures/reconstruction_measures.h"

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
using ::consort::trainer::testing::Pluck;
using ::testing::HasSubstr;

constexpr int kRate = 44100;

std::vector<float> Scaled(std::vector<float> sound, float gain) {
  for (float& sample : sound) sample *= gain;
  return sound;
}

TEST(SpectralConvergenceTest, EqualsThePlainNumpyComputation) {
  // tests/reference/measures.py
  EXPECT_NEAR(SpectralConvergence(Noise(1, 8192, 0.5f), Noise(2, 8192, 0.25f)).value(), 0.683123, 1e-5);
  EXPECT_NEAR(SpectralConvergence(Noise(2, 8192, 0.25f), Noise(1, 8192, 0.5f)).value(), 1.362942, 1e-5);
}

TEST(SpectralConvergenceTest, OfAQuieterCopyIsWhatIsMissing) {
  const std::vector<float> sound = Noise(3, 10000, 0.5f);
  EXPECT_NEAR(SpectralConvergence(sound, Scaled(sound, 0.75f)).value(), 0.25, 1e-5);
  EXPECT_NEAR(SpectralConvergence(sound, std::vector<float>(10000)).value(), 1, 1e-6);
  EXPECT_EQ(SpectralConvergence(sound, sound).value(), 0);
}

TEST(SpectralConvergenceTest, ASilentOriginalIsRefused) {
  EXPECT_THAT(SpectralConvergence(std::vector<float>(100), std::vector<float>(100, 0.5f)),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("silent")));
}

TEST(LogMelDistanceTest, EqualsThePlainNumpyComputation) {
  // tests/reference/measures.py
  EXPECT_NEAR(LogMelDistance(Noise(1, 8192, 0.5f), Noise(2, 8192, 0.25f), kRate).value(), 1.446947, 1e-4);
}

TEST(LogMelDistanceTest, OfAQuieterCopyIsTheGain) {
  const std::vector<float> sound = Noise(3, 20000, 0.9f);
  // ln(0.25) of power everywhere, as noise is far above the floor.
  EXPECT_NEAR(LogMelDistance(sound, Scaled(sound, 0.5f), kRate).value(), std::log(4.0), 2e-3);
}

TEST(ReconstructionMeasuresTest, AnEqualCopyIsPerfect) {
  const std::vector<float> sound = Pluck(2, 3, kRate);
  const ReconstructionMeasures measures = MeasureReconstruction(sound, sound, kRate).value();
  EXPECT_EQ(measures.spectral_convergence, 0);
  EXPECT_EQ(measures.log_mel_distance, 0);
  EXPECT_EQ(measures.loudness_difference_lu, 0);
  EXPECT_EQ(measures.melody.raw_pitch, 1);
  EXPECT_GT(measures.melody.voiced_frames, 100);
  EXPECT_EQ(measures.onsets.f1, 1);
  EXPECT_GE(measures.onsets.reference, 5);  // a note each half second
}

TEST(ReconstructionMeasuresTest, AQuieterCopyKeepsItsMelodyAndItsOnsets) {
  const std::vector<float> sound = Pluck(2, 3, kRate);
  const ReconstructionMeasures measures = MeasureReconstruction(sound, Scaled(sound, 0.5f), kRate).value();
  EXPECT_NEAR(measures.loudness_difference_lu, -6.02, 0.01);
  EXPECT_EQ(measures.melody.raw_pitch, 1);
  EXPECT_EQ(measures.onsets.f1, 1);
}

TEST(ReconstructionMeasuresTest, AnotherMelodyIsHeardAsAnother) {
  // The bases of seeds 2 and 6 are four semitones apart, in the same rhythm.
  const ReconstructionMeasures measures =
      MeasureReconstruction(Pluck(2, 3, kRate), Pluck(6, 3, kRate), kRate).value();
  EXPECT_LT(measures.melody.raw_pitch, 0.1);
  EXPECT_GT(measures.onsets.f1, 0.9);
}

TEST(ReconstructionMeasuresTest, NoiseForMusicIsBadThroughout) {
  const std::vector<float> sound = Pluck(2, 3, kRate);
  const ReconstructionMeasures measures =
      MeasureReconstruction(sound, Noise(1, sound.size(), 0.2f), kRate).value();
  EXPECT_GT(measures.spectral_convergence, 0.5);
  EXPECT_GT(measures.log_mel_distance, 1);
  EXPECT_LT(measures.melody.raw_chroma, 0.05);
  EXPECT_LT(measures.onsets.f1, 0.5);
}

TEST(ReconstructionMeasuresTest, OtherLengthsNothingAndNaNAreRefused) {
  const std::vector<float> sound(100, 0.1f), longer(101, 0.1f), none;
  std::vector<float> broken = sound;
  broken[3] = std::numeric_limits<float>::quiet_NaN();
  const auto refused = StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_);
  EXPECT_THAT(SpectralConvergence(sound, longer), refused);
  EXPECT_THAT(LogMelDistance(none, none, kRate), refused);
  EXPECT_THAT(SpectralConvergence(broken, sound), refused);
  EXPECT_THAT(LogMelDistance(sound, broken, kRate), refused);
  EXPECT_THAT(MeasureReconstruction(sound, broken, kRate), refused);
  EXPECT_THAT(MeasureReconstruction(sound, sound, 4000), refused);
}

}  // namespace
}  // namespace consort::trainer
