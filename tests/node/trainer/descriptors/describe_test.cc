#include "node/trainer/descriptors/describe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <numbers>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "tests/node/trainer/support/sound_files.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::trainer {
namespace {

using ::consort::testing::StatusIs;
using ::consort::trainer::testing::Sine;
using ::consort::trainer::testing::SoundFormat;
using ::consort::trainer::testing::WriteSound;

constexpr int kRate = 44100;

// A flute-like tone with vibrato of 5.5 Hz and 25 cents, tuned 20 cents above 440 Hz: D5, then A5.
std::vector<float> FluteWithVibrato() {
  std::vector<float> sound(6 * kRate);
  double phase = 0;
  for (size_t i = 0; i < sound.size(); ++i) {
    const double t = static_cast<double>(i) / kRate;
    const double semitones = (t < 3 ? 74 : 81) + 0.2 + 0.25 * std::sin(2 * std::numbers::pi * 5.5 * t);
    phase += 2 * std::numbers::pi * 440 * std::exp2((semitones - 69) / 12) / kRate;
    sound[i] = static_cast<float>(0.3 * std::sin(phase) + 0.1 * std::sin(2 * phase));
  }
  return sound;
}

TEST(DescribeTest, ATuneIsDescribedAsItWasMade) {
  const DescriptorSummary summary = Describe(FluteWithVibrato(), kRate)->summary;
  EXPECT_DOUBLE_EQ(summary.seconds, 6);
  EXPECT_EQ(summary.frames, 600);
  EXPECT_NEAR(summary.sounding_share, 1, 0.01);
  EXPECT_GT(summary.voiced_share, 0.97);
  // Half of the time around 74.2 and half around 81.2; the vibrato adds 0.18, and two or three frames across
  // the change of notes have a pitch far below both.
  EXPECT_NEAR(summary.pitch_semitones.mean, 77.7, 0.1);
  EXPECT_NEAR(summary.pitch_semitones.standard_deviation, std::hypot(3.5, 0.25 / std::sqrt(2)), 0.25);
  EXPECT_NEAR(summary.pitch_semitones.p25, 74.2, 0.3);
  EXPECT_NEAR(summary.pitch_semitones.p75, 81.2, 0.3);
  EXPECT_GT(summary.vibrato_share, 0.9);
  EXPECT_NEAR(summary.vibrato_hz.p50, 5.5, 0.2);
  EXPECT_NEAR(summary.vibrato_cents.p50, 25, 3);
  EXPECT_NEAR(summary.tuning_cents, 20, 4);
  EXPECT_NEAR(summary.chroma[2], 0.5, 0.05);
  EXPECT_NEAR(summary.chroma[9], 0.5, 0.05);
  EXPECT_LE(summary.onsets, 2);  // the beginning, if so, and the second note
  EXPECT_GE(summary.onsets, 1);
  // 0.3^2 / 2 + 0.1^2 / 2 = 0.05: -13 dB, less 0.69, and K-weighting adds up to 4 dB above 1 kHz.
  EXPECT_NEAR(summary.integrated_lufs, -13.3, 1);
}

TEST(DescribeTest, SilenceIsDescribedAsSilence) {
  const DescriptorSummary summary = Describe(std::vector<float>(kRate), kRate)->summary;
  EXPECT_EQ(summary.sounding_share, 0);
  EXPECT_EQ(summary.voiced_share, 0);
  EXPECT_EQ(summary.loudness_lufs.count, 0);
  EXPECT_EQ(summary.onsets, 0);
  EXPECT_EQ(summary.integrated_lufs, kSilenceLufs);
}

class DescribeRecordingTest : public ::testing::Test {
 protected:
  consort::testing::TemporaryDirectory directory_;
  std::atomic<bool> stop_ = false;
};

TEST_F(DescribeRecordingTest, AFileIsDescribedAsItsSamples) {
  const std::string path = directory_.path() + "/flute.wav";
  const std::vector<float> sound = FluteWithVibrato();
  WriteSound(path, sound, kRate, SoundFormat::kWavFloat, /*channels=*/2);
  const DescriptorSummary file = DescribeRecording(path, stop_).value();
  const DescriptorSummary samples = Describe(sound, kRate)->summary;
  EXPECT_EQ(file.frames, samples.frames);
  EXPECT_EQ(file.onsets, samples.onsets);
  EXPECT_DOUBLE_EQ(file.integrated_lufs, samples.integrated_lufs);
  EXPECT_DOUBLE_EQ(file.pitch_semitones.mean, samples.pitch_semitones.mean);
  EXPECT_DOUBLE_EQ(file.centroid_hz.p95, samples.centroid_hz.p95);
  EXPECT_EQ(file.vibrato_hz.count, samples.vibrato_hz.count);
}

TEST_F(DescribeRecordingTest, StopsWhenAskedTo) {
  const std::string path = directory_.path() + "/tone.wav";
  WriteSound(path, Sine(440, 1, kRate), kRate);
  stop_ = true;
  EXPECT_THAT(DescribeRecording(path, stop_), StatusIs(absl::StatusCode::kCancelled, ::testing::_));
}

TEST_F(DescribeRecordingTest, WhatIsNoRecordingIsRefused) {
  EXPECT_THAT(DescribeRecording(directory_.path() + "/none.wav", stop_),
              StatusIs(absl::StatusCode::kInvalidArgument, ::testing::HasSubstr("unreadable")));
}

// The dizi recordings of the corpus are labelled by technique. A trill wavers as regularly as a vibrato, but
// by half a semitone or more to either side.
TEST_F(DescribeRecordingTest, RealVibratoIsToldFromOtherTechniques) {
  const char* corpus = std::getenv("CONSORT_CORPUS");
  if (corpus == nullptr) GTEST_SKIP() << "CONSORT_CORPUS is not set";
  int with = 0, without = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(corpus) + "/china-dizi-north")) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() != ".flac") continue;
    const DescriptorSummary summary = DescribeRecording(entry.path().string(), stop_).value();
    if (absl::StrContains(name, "_Vibrato")) {
      ++with;
      EXPECT_GT(summary.vibrato_share, 0.2) << name;
      EXPECT_LT(summary.vibrato_cents.p50, 50) << name;
    } else if (absl::StrContains(name, "_Trill")) {
      EXPECT_TRUE(summary.vibrato_share < 0.05 || summary.vibrato_cents.p50 > 50) << name;
      EXPECT_GT(summary.onsets_per_second, 5) << name;
    } else {  // flutter tongue, glissando, portamento
      ++without;
      EXPECT_LT(summary.vibrato_share, 0.05) << name;
    }
  }
  EXPECT_EQ(with, 5);
  EXPECT_EQ(without, 14);
}

}  // namespace
}  // namespace consort::trainer
