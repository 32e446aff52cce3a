#include "node/trainer/evaluation/reconstruction_score.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/node/trainer/support/sound_files.h"
#include "tests/support/status_matchers.h"

namespace consort::trainer {
namespace {

using ::consort::testing::StatusIs;
using ::consort::trainer::testing::Sine;
using ::testing::StartsWith;

// Says everything again `gain` times as loud.
class GainModel final : public Model {
 public:
  explicit GainModel(float gain) : gain_(gain) {}
  absl::StatusOr<std::vector<float>> Reconstruct(absl::Span<const float> audio) override {
    std::vector<float> output(audio.begin(), audio.end());
    for (float& sample : output) sample *= gain_;
    return output;
  }
  const std::vector<NamedTensor>& trainable() const override { return trainable_; }
  absl::Span<float> values() override { return {}; }
  absl::Span<const float> gradients() const override { return {}; }
  absl::StatusOr<double> LossAndGradients(const Batch&, const StepTerms&) override { return Unused(); }
  absl::StatusOr<std::vector<float>> Encode(absl::Span<const float>) override { return Unused(); }
  absl::StatusOr<std::vector<float>> Decode(absl::Span<const float>, uint64_t) override { return Unused(); }
  absl::StatusOr<std::string> SaveState(const Metadata&) const override { return Unused(); }
  absl::StatusOr<std::string> SaveMerged(const Metadata&) const override { return Unused(); }

 private:
  static absl::Status Unused() { return absl::UnimplementedError("not part of this test"); }
  float gain_;
  std::vector<NamedTensor> trainable_;
};

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
  EXPECT_EQ(ScoreReconstruction(same, audio).value().score, 0);
  const double score = ScoreReconstruction(half, audio).value().score;
  EXPECT_GT(score, 0);
  EXPECT_DOUBLE_EQ(score, std::round(score * 1e4) / 1e4);
}

TEST(ReconstructionScoreTest, ModelThatFellApartHasNoScore) {
  GainModel broken(std::numeric_limits<float>::quiet_NaN());
  EXPECT_THAT(ScoreReconstruction(broken, Sine(440, 0.5, 44100)),
              StatusIs(absl::StatusCode::kOutOfRange, StartsWith("not-finite")));
}

}  // namespace
}  // namespace consort::trainer
