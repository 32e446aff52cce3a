#include "cli/enum_word.h"

#include "consort/v1/job.pb.h"
#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace consort::cli {
namespace {

using ::consort::testing::IsOkAndHolds;
using ::consort::testing::StatusIs;
using ::testing::HasSubstr;

TEST(EnumWordTest, DropsTheTypesPrefixAndWritesDashes) {
  EXPECT_EQ(Word(v1::JOB_STATE_AWAITING_APPROVAL), "awaiting-approval");
  EXPECT_EQ(Word(v1::METHOD_ADAPTER_FROZEN_A), "adapter-frozen-a");
  EXPECT_EQ(Word(v1::TraditionResult::VERDICT_HARMED), "harmed");
}

TEST(EnumWordTest, UnspecifiedIsEmpty) { EXPECT_EQ(Word(v1::JOB_STATE_UNSPECIFIED), ""); }

TEST(EnumWordTest, AValueOfANewerProgramIsShownAsItsNumber) {
  EXPECT_EQ(Word(static_cast<v1::JobState>(77)), "77");
}

TEST(EnumWordTest, ReadsEveryWordThatItWrites) {
  for (int value = v1::Strategy_MIN + 1; value <= v1::Strategy_MAX; ++value) {
    const auto strategy = static_cast<v1::Strategy>(value);
    EXPECT_THAT(FromWord<v1::Strategy>(Word(strategy)), IsOkAndHolds(strategy));
  }
}

TEST(EnumWordTest, AnUnknownWordIsRefusedWithTheKnownOnes) {
  EXPECT_THAT(FromWord<v1::Strategy>("average"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("fedavg, fedavgm, fedadam")));
}

}  // namespace
}  // namespace consort::cli
