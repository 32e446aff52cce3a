// Trainers that are killed or stop answering: the cause is at the command line within seconds, and the next
// task is fine.
#include <signal.h>

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/federation.h"

namespace consort::testing {
namespace {

using ::testing::StartsWith;

constexpr absl::Duration kJobLimit = absl::Seconds(120);
constexpr absl::Duration kCauseShown = absl::Seconds(10);  // the promise
constexpr char kArchive[] = "archive-cn-1";

// Two archives whose trainings take long enough to be hit.
class TrainerFaultTest : public ::testing::Test {
 protected:
  TrainerFaultTest() : federation_({.environment = {{"CONSORT_NULL_TRAIN_MILLIS", "3000"}}}) {
    federation_.StartNodes();
    job_ = federation_.SubmitJob({.rounds = 2, .quorum = 1});
    watch_ = federation_.StartConsort({"job", "watch", job_});
    if (!federation_.node(kArchive).WaitForOutput("consort-null-trainer: training", kJobLimit)) std::abort();
  }
  // daemon -> launcher -> trainer.
  pid_t Trainer() {
    const std::vector<pid_t> launchers = ChildrenOf(federation_.node(kArchive).pid());
    const std::vector<pid_t> trainers = launchers.size() == 1 ? ChildrenOf(launchers[0]) : launchers;
    if (trainers.size() != 1) std::abort();
    return trainers[0];
  }
  nlohmann::json PartInRound(int number) { return PartOf(federation_.ShowJob(job_), kArchive, number); }

  Federation federation_;
  std::string job_;
  std::unique_ptr<Process> watch_;
};

TEST_F(TrainerFaultTest, KilledTrainerIsNamedAndTheNextRoundIsFine) {
  kill(Trainer(), SIGKILL);
  EXPECT_TRUE(watch_->WaitForOutput("round 1 archive-cn-1 failed: trainer-crashed", kCauseShown))
      << watch_->Output();
  EXPECT_EQ(watch_->Wait(kJobLimit), 0) << watch_->Output();
  EXPECT_THAT(PartInRound(1)["reason"].get<std::string>(), StartsWith("trainer-crashed"));
  EXPECT_EQ(PartInRound(2)["state"], "acknowledged");
}

TEST_F(TrainerFaultTest, StuckTrainerIsNamedAndTheNextRoundIsFine) {
  const pid_t stuck = Trainer();
  kill(stuck, SIGSTOP);
  EXPECT_TRUE(watch_->WaitForOutput("round 1 archive-cn-1 failed: trainer-stuck", kCauseShown))
      << watch_->Output();
  EXPECT_EQ(watch_->Wait(kJobLimit), 0) << watch_->Output();
  EXPECT_THAT(PartInRound(1)["reason"].get<std::string>(), StartsWith("trainer-stuck"));
  EXPECT_EQ(PartInRound(2)["state"], "acknowledged");
  EXPECT_NE(Trainer(), stuck);  // the one that would not answer was replaced
}

}  // namespace
}  // namespace consort::testing
