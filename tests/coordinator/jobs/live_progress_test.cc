#include "coordinator/jobs/live_progress.h"

#include <gtest/gtest.h>

namespace consort::coordinator {
namespace {

TEST(RateMeterTest, SaysBytesASecondOverTheLastSeconds) {
  RateMeter rate;
  for (int second = 0; second <= 5; ++second) rate.Note(absl::Seconds(second), 1000u * second);
  EXPECT_DOUBLE_EQ(rate.BytesPerSecond(absl::Seconds(5)), 1000);
}

TEST(RateMeterTest, OldSamplesNoLongerCount) {
  RateMeter rate;
  rate.Note(absl::Seconds(0), 0);
  rate.Note(absl::Seconds(1), 100'000);
  for (int second = 2; second <= 30; ++second)
    rate.Note(absl::Seconds(second), 100'000u + 10u * (second - 1));
  EXPECT_NEAR(rate.BytesPerSecond(absl::Seconds(30)), 10, 1e-9);
}

TEST(RateMeterTest, IsZeroWhenNothingMovesOrNothingIsKnown) {
  RateMeter rate;
  EXPECT_EQ(rate.BytesPerSecond(absl::Seconds(1)), 0);
  rate.Note(absl::Seconds(0), 0);
  rate.Note(absl::Seconds(1), 1000);
  EXPECT_EQ(rate.BytesPerSecond(absl::Seconds(12)), 0);
}

TEST(RateMeterTest, ATransferThatBeginsAgainHasNoNegativeRate) {
  RateMeter rate;
  rate.Note(absl::Seconds(0), 0);
  rate.Note(absl::Seconds(1), 1000);
  rate.Note(absl::Seconds(2), 0);
  rate.Note(absl::Seconds(3), 500);
  EXPECT_DOUBLE_EQ(rate.BytesPerSecond(absl::Seconds(3)), 500);
}

}  // namespace
}  // namespace consort::coordinator
