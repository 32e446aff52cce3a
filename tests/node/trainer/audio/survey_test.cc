#include "node/trainer/audio/survey.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/node/trainer/support/sound_files.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::trainer {
namespace {

using ::consort::testing::ReadFileOrDie;
using ::consort::testing::StatusIs;
using ::consort::testing::TemporaryDirectory;
using ::consort::testing::WriteFileOrDie;
using ::testing::StartsWith;
using namespace ::consort::trainer::testing;

class SurveyTest : public ::testing::Test {
 protected:
  absl::StatusOr<RecordingFacts> Survey(const SurveyLimits& limits = SurveyLimits()) {
    return SurveyRecording(path_, limits, stop_);
  }

  TemporaryDirectory directory_;
  std::string path_ = directory_.path() + "/sound.wav";
  std::atomic<bool> stop_{false};
};

TEST_F(SurveyTest, MeasuresLengthAndLoudness) {
  WriteSound(path_, Sine(997, 2, 48000, 1.0f), 48000, SoundFormat::kWavFloat);
  const RecordingFacts facts = Survey().value();
  EXPECT_DOUBLE_EQ(facts.seconds, 2);
  EXPECT_EQ(facts.sample_rate_hz, 48000);
  // ITU-R BS.1770: a full-scale sine of 997 Hz in one front channel reads -3.01 LUFS.
  EXPECT_NEAR(facts.loudness_lufs, -3.01, 0.1);
}

TEST_F(SurveyTest, SameAudioUnderAnotherNameHasTheSameDigest) {
  WriteSound(path_, Pluck(1, 1, 44100), 44100);
  const std::string digest = Survey().value().audio_digest;
  path_ = directory_.path() + "/again.flac";
  WriteSound(path_, Pluck(1, 1, 44100), 44100, SoundFormat::kFlac);
  EXPECT_EQ(Survey().value().audio_digest, digest);
  WriteSound(path_, Pluck(2, 1, 44100), 44100, SoundFormat::kFlac);
  EXPECT_NE(Survey().value().audio_digest, digest);
}

TEST_F(SurveyTest, SilenceIsNamedSilent) {
  WriteSound(path_, std::vector<float>(44100), 44100);
  EXPECT_THAT(Survey(), StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("silent")));
}

TEST_F(SurveyTest, ShortStrokeIsNotSilent) {
  WriteSound(path_, Pluck(3, 0.2, 44100), 44100);
  EXPECT_GT(Survey().value().loudness_lufs, -40);
}

TEST_F(SurveyTest, LengthOutsideTheLimitsIsNamed) {
  WriteSound(path_, Sine(440, 0.05, 44100), 44100);
  EXPECT_THAT(Survey(), StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("too-short")));
  WriteSound(path_, Sine(440, 2, 44100), 44100);
  SurveyLimits limits;
  limits.max_seconds = 1.5;
  EXPECT_THAT(Survey(limits), StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("too-long")));
}

TEST_F(SurveyTest, TruncatedFlacIsUnreadable) {
  path_ = directory_.path() + "/sound.flac";
  WriteSound(path_, Pluck(1, 5, 44100), 44100, SoundFormat::kFlac);
  const std::string bytes = ReadFileOrDie(path_);
  WriteFileOrDie(path_, bytes.substr(0, bytes.size() / 2));
  EXPECT_THAT(Survey(), StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("unreadable")));
}

// A WAV whose header is whole is used as far as it goes: field recorders that lost power leave such files.
TEST_F(SurveyTest, TruncatedWavIsUsedAsFarAsItGoes) {
  WriteSound(path_, Pluck(1, 4, 44100), 44100);
  const std::string bytes = ReadFileOrDie(path_);
  WriteFileOrDie(path_, bytes.substr(0, bytes.size() / 2));
  EXPECT_NEAR(Survey().value().seconds, 2, 0.01);
}

TEST_F(SurveyTest, StopsWhenAsked) {
  WriteSound(path_, Sine(440, 1, 44100), 44100);
  stop_ = true;
  EXPECT_EQ(Survey().status().code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace consort::trainer
