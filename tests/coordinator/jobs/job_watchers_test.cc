#include "coordinator/jobs/job_watchers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/simulated_executor.h"
#include "tests/support/status_matchers.h"

namespace consort::coordinator {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::testing::HasSubstr;

class JobWatchersTest : public ::testing::Test {
 protected:
  testing::SimulatedExecutor executor_;
  int reads_ = 0;
  int taken_ = 0;
  JobWatchers watchers_{executor_, [this](const std::string& job_id) -> absl::StatusOr<v1::JobStatus> {
                          if (job_id == "none") return absl::NotFoundError("no such job");
                          ++reads_;
                          return v1::JobStatus();
                        }};
};

TEST_F(JobWatchersTest, ManyChangesAreToldFiveTimesASecondAtMost) {
  ASSERT_THAT(watchers_.Watch(
                  "job", [this](const v1::JobStatus&) { ++taken_; }, 8),
              IsOk());
  EXPECT_EQ(taken_, 1);
  for (int i = 0; i < 100; ++i) {
    watchers_.Changed("job");
    executor_.Advance(absl::Milliseconds(10));
  }
  EXPECT_LE(taken_, 1 + 5);
  executor_.Advance(absl::Seconds(1));
  EXPECT_GE(taken_, 1 + 5);
}

TEST_F(JobWatchersTest, NobodyIsAskedForAJobThatNobodyWatches) {
  watchers_.Changed("job");
  executor_.Advance(absl::Seconds(1));
  EXPECT_EQ(reads_, 0);
}

TEST_F(JobWatchersTest, WhoUnwatchesIsNotTold) {
  const auto watch = watchers_.Watch(
      "job", [this](const v1::JobStatus&) { ++taken_; }, 8);
  watchers_.Changed("job");
  watchers_.Unwatch(*watch);
  executor_.Advance(absl::Seconds(1));
  EXPECT_EQ(taken_, 1);
}

TEST_F(JobWatchersTest, AnUnknownJobAndOneWatcherTooManyAreRefused) {
  EXPECT_THAT(watchers_.Watch(
                  "none", [](const v1::JobStatus&) {}, 8),
              StatusIs(absl::StatusCode::kNotFound,
                       ""
                       "no such job"));
  EXPECT_THAT(watchers_.Watch(
                  "job", [](const v1::JobStatus&) {}, 0),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("at most 0")));
}

}  // namespace
}  // namespace consort::coordinator
