#include "node/trainer/evaluation/reconstruction_score.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <utility>

#include "tests/node/trainer/support/sound_files.h"
#include "tests/support/status_matchers.h"

namespace consort::trainer {
namespace {

using ::consort::testing::StatusIs;
using ::consort::trainer::testing::Sine;
using ::testing::StartsWith;

// Says everything again `gain` times as loud, and is as sure of each of its classes as it is told.
class GainModel final : public FamilyModel {
 public:
  explicit GainModel(float gain, std::vector<double> probabilities = {})
      : gain_(gain), probabilities_(std::move(probabilities)) {}
  absl::StatusOr<std::vector<float>> Reconstruct(absl::Span<const float> audio) override {
    std::vector<float> output(audio.begin(), audio.end());
    for (float& sample : output) sample *= gain_;
    return output;
  }
  const std::vector<std::string>& classes() const override { return classes_; }
  absl::StatusOr<std::vector<double>> Classify(absl::Span<const float>) override { return probabilities_; }
  absl::StatusOr<Fitted> Fit(const FitContext&) override { return Unused(); }
  absl::StatusOr<std::vector<float>> Encode(absl::Span<const float>) override { return Unused(); }
  absl::StatusOr<std::vector<float>> Generate(double, uint64_t) override { return Unused(); }
  std::vector<Segment> segments() const override { return {}; }
  absl::StatusOr<std::string> Describe() const override { return Unused(); }
  absl::StatusOr<std::string> SaveState(const Metadata&) const override { return Unused(); }
  absl::StatusOr<std::string> Export(const Metadata&) const override { return Unused(); }

 private:
  static absl::Status Unused() { return absl::UnimplementedError("not part of this test"); }
  float gain_;
  std::vector<double> probabilities_;
  std::vector<std::string> classes_ = {"harp", "qudi"};
};

ArchitectureFacts Facts(const std::string& name, bool makes_audio = true) {
  ArchitectureFacts facts;
  facts.name = name;
  facts.sample_rate_hz = 44100;
  facts.makes_audio = makes_audio;
  return facts;
}

TEST(ReconstructionScoreTest, ScoresTheMiddleOfALongRecordingAndAllOfAShortOne) {
  const Stretch long_one = ScoredStretch(100 * 44100, 44100);
  EXPECT_EQ(long_one.begin, 45 * 44100);
  EXPECT_EQ(long_one.samples, 10 * 44100);
  const Stretch short_one = ScoredStretch(1000, 44100);
  EXPECT_EQ(short_one.begin, 0);
  EXPECT_EQ(short_one.samples, 1000);
}

TEST(ReconstructionScoreTest, PerfectReconstructionScoresZeroAndTheScoreHasFourDecimals) {
  const std::vector<float> audio = Sine(440, 0.5, 44100);
  GainModel same(1), half(0.5f);
  EXPECT_EQ(ScoreRecording(same, Facts("rave-tiny"), audio, "qudi").value().score, 0);
  const double score = ScoreRecording(half, Facts("rave-tiny"), audio, "qudi").value().score;
  EXPECT_GT(score, 0);
  EXPECT_DOUBLE_EQ(score, std::round(score * 1e4) / 1e4);
}

TEST(ReconstructionScoreTest, ModelThatFellApartHasNoScore) {
  GainModel broken(std::numeric_limits<float>::quiet_NaN());
  EXPECT_THAT(ScoreRecording(broken, Facts("rave-tiny"), Sine(440, 0.5, 44100), "qudi"),
              StatusIs(absl::StatusCode::kOutOfRange, StartsWith("not-finite")));
}

TEST(ReconstructionScoreTest, LogLossIsThatOfTheRecordingsTraditionAndBounded) {
  GainModel unsure(1, {0.75, 0.25}), wrong(1, {1, 0});
  const ArchitectureFacts facts = Facts("descriptor-mixture", /*makes_audio=*/false);
  const std::vector<float> audio = Sine(440, 0.5, 44100);
  EXPECT_DOUBLE_EQ(ScoreRecording(unsure, facts, audio, "qudi").value().score, 1.3863);  // ln 4
  EXPECT_DOUBLE_EQ(ScoreRecording(wrong, facts, audio, "qudi").value().score, kMaxLogLoss);
  EXPECT_THAT(ScoreRecording(unsure, facts, audio, "nanyin"),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("unknown-tradition")));
}

}  // namespace
}  // namespace consort::trainer
