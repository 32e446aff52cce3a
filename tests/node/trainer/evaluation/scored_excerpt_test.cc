#include "node/trainer/evaluation/scored_excerpt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/status_matchers.h"

namespace consort::trainer {
namespace {

using ::consort::testing::StatusIs;
using ::testing::_;
using ::testing::IsEmpty;

constexpr int kRate = 100;  // a stretch is 1000 samples

// Sounds at full scale from `first` to `last` only; the sample at n is n + 1, so that stretches tell where
// they begin.
class SoundingFrom {
 public:
  SoundingFrom(int64_t total, int64_t first, int64_t last) : total_(total), first_(first), last_(last) {}

  absl::StatusOr<std::vector<float>> operator()(int64_t begin, int64_t samples) const {
    std::vector<float> audio;
    for (int64_t i = begin; i < std::min(begin + samples, total_); ++i) {
      audio.push_back(i >= first_ && i < last_ ? static_cast<float>(i + 1) : 0);
    }
    return audio;
  }

 private:
  int64_t total_, first_, last_;
};

TEST(ScoredExcerptTest, IsTheMiddleWhereThatSounds) {
  const auto audio = ReadScoredExcerpt(3000, kRate, SoundingFrom(3000, 0, 3000)).value();
  ASSERT_EQ(audio.size(), 1000u);
  EXPECT_EQ(audio[0], 1001);
}

TEST(ScoredExcerptTest, SilentMiddleGivesWayToWhatFollowsAndThenToWhatWasBefore) {
  EXPECT_EQ(ReadScoredExcerpt(3000, kRate, SoundingFrom(3000, 2000, 3000)).value()[0], 2001);
  EXPECT_EQ(ReadScoredExcerpt(3000, kRate, SoundingFrom(3000, 0, 1000)).value()[0], 1);
}

TEST(ScoredExcerptTest, EndsOfARecordingAreHeardThoughTheyFillNoStretch) {
  // The middle is 250 to 1250; what sounds is behind it.
  const auto audio = ReadScoredExcerpt(1500, kRate, SoundingFrom(1500, 1300, 1500)).value();
  ASSERT_EQ(audio.size(), 1000u);
  EXPECT_EQ(audio[999], 1500);
  EXPECT_EQ(ReadScoredExcerpt(1500, kRate, SoundingFrom(1500, 0, 100)).value()[0], 1);
}

TEST(ScoredExcerptTest, SilentRecordingHasNone) {
  EXPECT_THAT(ReadScoredExcerpt(5000, kRate, SoundingFrom(5000, 0, 0)).value(), IsEmpty());
  EXPECT_THAT(ReadScoredExcerpt(500, kRate, SoundingFrom(500, 0, 0)).value(), IsEmpty());
}

TEST(ScoredExcerptTest, FailedReadIsTheResult) {
  const auto refuse = [](int64_t, int64_t) -> absl::StatusOr<std::vector<float>> {
    return absl::FailedPreconditionError("no-consent: withdrawn");
  };
  EXPECT_THAT(ReadScoredExcerpt(5000, kRate, refuse), StatusIs(absl::StatusCode::kFailedPrecondition, _));
}

}  // namespace
}  // namespace consort::trainer
