#include "coordinator/app/drain.h"

#include "common/sync/thread_executor.h"
#include "coordinator/store/sqlite_store.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace consort::coordinator {
namespace {

using testing::IsOk;
using testing::IsOkAndHolds;

class DrainTest : public ::testing::Test {
 protected:
  void Put(v1::JobState job_state, v1::RoundState round_state) {
    JobRow job;
    job.job_id = job_id_;
    job.state = job_state;
    RoundRow round;
    round.round_id = round_id_;
    round.job_id = job_id_;
    round.number = 1;
    round.state = round_state;
    ASSERT_THAT(store_->Transact([&](Transaction& transaction) -> absl::Status {
      const absl::Status status = transaction.Put(job);
      return status.ok() ? transaction.Put(round) : status;
    }),
                IsOk());
  }
  const std::string job_id_{"job-1"};
  const std::string round_id_{"round-1"};
  std::unique_ptr<Store> store_ = SqliteStore::Open(":memory:").value();
};

TEST_F(DrainTest, RoundsCountWhileTheyAreOpen) {
  EXPECT_THAT(CountOpenRounds(*store_), IsOkAndHolds(0));
  Put(v1::JOB_STATE_RUNNING, v1::ROUND_STATE_COLLECTING);
  EXPECT_THAT(CountOpenRounds(*store_), IsOkAndHolds(1));
  Put(v1::JOB_STATE_RUNNING, v1::ROUND_STATE_CLOSED);
  EXPECT_THAT(CountOpenRounds(*store_), IsOkAndHolds(0));
  Put(v1::JOB_STATE_FAILED, v1::ROUND_STATE_ABANDONED);
  EXPECT_THAT(CountOpenRounds(*store_), IsOkAndHolds(0));
}

TEST_F(DrainTest, WaitingEndsWithTheLastRoundOrAtTheLimit) {
  ThreadExecutor control;
  Put(v1::JOB_STATE_RUNNING, v1::ROUND_STATE_TRAINING);
  EXPECT_FALSE(WaitForOpenRounds(control, *store_, absl::Milliseconds(1)));
  control.Post([this] { Put(v1::JOB_STATE_RUNNING, v1::ROUND_STATE_CLOSED); });
  EXPECT_TRUE(WaitForOpenRounds(control, *store_, absl::Seconds(20)));
}

}  // namespace
}  // namespace consort::coordinator
