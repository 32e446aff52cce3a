// Who is waited for, how long, and what it is called when it ends: quorum, grace, deadline, stall.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/coordinator/rounds/federation.h"

namespace consort::coordinator::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

bool IsTrainTask(const v1::Envelope& envelope) { return envelope.has_train_task(); }
bool IsEvaluateTask(const v1::Envelope& envelope) { return envelope.has_evaluate_task(); }
bool IsAnything(const v1::Envelope&) { return true; }

class DeadlineTest : public ::testing::Test {
 protected:
  DeadlineTest()
      : uk_(federation_.AddArchive("archive-uk-1", "harp")),
        cn_(federation_.AddArchive("archive-cn-1", "dizi")),
        cn2_(federation_.AddArchive("archive-cn-2", "folk")),
        spec_(federation_.Spec()) {
    spec_.set_rounds(1);
  }
  const v1::ParticipationStatus& Participation(const v1::JobStatus& job, const std::string& archive) {
    for (const auto& participation : job.rounds(0).participations()) {
      if (participation.archive() == archive) return participation;
    }
    return v1::ParticipationStatus::default_instance();
  }
  // A sign of life of a task under way.
  void Progress(FakeArchive& archive, uint32_t step) {
    v1::Envelope envelope;
    for (const v1::Envelope& one : archive.received) {
      if (one.has_train_task())
        envelope.mutable_task_progress()->set_participation_id(one.train_task().participation_id());
    }
    envelope.mutable_task_progress()->set_steps_done(step);
    envelope.mutable_task_progress()->set_steps_total(10);
    federation_.engine().OnMessage(archive.name(), envelope);
    federation_.Run();
  }

  Federation federation_;
  FakeArchive& uk_;
  FakeArchive& cn_;
  FakeArchive& cn2_;
  v1::JobSpec spec_;
};

TEST_F(DeadlineTest, WithoutEnoughApprovalsTheJobFailsWhenThePlanningWindowEndsAndNamesTheMissing) {
  uk_.faults.ignore = IsAnything;
  cn_.faults.ignore = IsAnything;
  federation_.Start();
  const std::string job_id = federation_.Submit(spec_);
  federation_.Advance(absl::Seconds(59));
  EXPECT_EQ(federation_.Job(job_id).state(), v1::JOB_STATE_PLANNING);
  federation_.Advance(absl::Seconds(1));  // recruiting_seconds = 60
  EXPECT_EQ(federation_.Job(job_id).state(), v1::JOB_STATE_FAILED);
  EXPECT_EQ(federation_.Job(job_id).reason(), "quorum-not-reached: archive-cn-1, archive-uk-1");
}

TEST_F(DeadlineTest, WithoutAnyArchiveTheJobFailsAtOnce) {
  Federation empty;
  empty.Start();
  const v1::JobStatus job = empty.Job(empty.Submit(spec_));
  EXPECT_EQ(job.state(), v1::JOB_STATE_FAILED);
  EXPECT_THAT(job.reason(), StartsWith("quorum-not-reached"));
}

TEST_F(DeadlineTest, AnArchiveThatIsAwayIsWaitedForOnlyAsLongAsARestartTakes) {
  federation_.away = {"archive-uk-1"};
  federation_.Start();
  const std::string job_id = federation_.Submit(spec_);
  EXPECT_EQ(federation_.Job(job_id).state(), v1::JOB_STATE_PLANNING);
  federation_.Advance(absl::Seconds(16));  // the reconnect window is 15 s
  EXPECT_EQ(federation_.Job(job_id).state(), v1::JOB_STATE_COMPLETED);
  EXPECT_EQ(federation_.Job(job_id).offers(2).state(), v1::OFFER_STATE_REFUSED);
  EXPECT_THAT(federation_.Job(job_id).offers(2).reason(), StartsWith("no-answer"));
}

TEST_F(DeadlineTest, AnArchiveThatConnectsDuringPlanningGetsTheOffer) {
  federation_.away = {"archive-uk-1"};
  federation_.Start();
  const std::string job_id = federation_.Submit(spec_);
  federation_.Advance(absl::Seconds(5));
  federation_.Reconnect("archive-uk-1");
  federation_.Run();
  EXPECT_EQ(federation_.Job(job_id).state(), v1::JOB_STATE_COMPLETED);
  EXPECT_EQ(Participation(federation_.Job(job_id), "archive-uk-1").state(),
            v1::PARTICIPATION_STATE_ACKNOWLEDGED);
}

TEST_F(DeadlineTest, ARoundWithTooFewWhoJoinIsAbandonedAndSaysWhoWasMissing) {
  uk_.faults.declines = "busy";
  cn_.faults.declines = "withdrawn";
  federation_.Start();
  const v1::JobStatus job = federation_.Job(federation_.Submit(spec_));
  EXPECT_EQ(job.state(), v1::JOB_STATE_FAILED);
  EXPECT_EQ(job.reason(), "quorum-not-reached: archive-cn-1, archive-uk-1");
  EXPECT_EQ(job.rounds(0).state(), v1::ROUND_STATE_ABANDONED);
  EXPECT_EQ(Participation(job, "archive-uk-1").state(), v1::PARTICIPATION_STATE_REFUSED);
  EXPECT_EQ(Participation(job, "archive-cn-1").state(), v1::PARTICIPATION_STATE_WITHDRAWN);
  EXPECT_EQ(federation_.Entries("decision").at(0)["outcome"], "abandoned");
  EXPECT_EQ(federation_.Entries("decision").at(1)["outcome"], "failed");
}

TEST_F(DeadlineTest, AfterTheQuorumTheOthersHaveTheGracePeriodAndAreThenLate) {
  uk_.faults.ignore = IsTrainTask;
  spec_.set_stall_seconds(500);
  federation_.Start();
  const std::string job_id = federation_.Submit(spec_);
  federation_.Advance(absl::Seconds(119));  // grace_seconds = 120
  EXPECT_EQ(federation_.Job(job_id).rounds(0).state(), v1::ROUND_STATE_COLLECTING);
  federation_.Advance(absl::Seconds(1));
  EXPECT_EQ(federation_.Job(job_id).state(), v1::JOB_STATE_COMPLETED);
  EXPECT_EQ(Participation(federation_.Job(job_id), "archive-uk-1").state(), v1::PARTICIPATION_STATE_LATE);
  EXPECT_EQ(federation_.Entries("aggregation").at(0)["absent"][0]["state"], "late");
}

TEST_F(DeadlineTest, WithoutTheQuorumTheRoundEndsAtItsDeadline) {
  uk_.faults.ignore = IsTrainTask;
  cn_.faults.ignore = IsTrainTask;
  spec_.set_stall_seconds(10000);
  federation_.Start();
  const std::string job_id = federation_.Submit(spec_);
  federation_.Disconnect("archive-cn-1");
  federation_.Advance(absl::Seconds(599));  // deadline_seconds = 600
  EXPECT_EQ(federation_.Job(job_id).state(), v1::JOB_STATE_RUNNING);
  EXPECT_EQ(Participation(federation_.Job(job_id), "archive-cn-1").state(), v1::PARTICIPATION_STATE_TRAINING);
  federation_.Advance(absl::Seconds(1));
  const v1::JobStatus job = federation_.Job(job_id);
  EXPECT_EQ(job.reason(), "quorum-not-reached: archive-cn-1, archive-uk-1");
  EXPECT_EQ(Participation(job, "archive-cn-1").state(), v1::PARTICIPATION_STATE_LOST);
  EXPECT_EQ(Participation(job, "archive-uk-1").state(), v1::PARTICIPATION_STATE_LATE);
}

TEST_F(DeadlineTest, ARestartKeepsTheDeadline) {
  uk_.faults.ignore = IsTrainTask;
  cn_.faults.ignore = IsTrainTask;
  spec_.set_stall_seconds(10000);
  federation_.Start();
  const std::string job_id = federation_.Submit(spec_);
  federation_.Advance(absl::Seconds(400));
  federation_.Restart();
  federation_.Run();
  federation_.Advance(absl::Seconds(199));
  EXPECT_EQ(federation_.Job(job_id).state(), v1::JOB_STATE_RUNNING);
  federation_.Advance(absl::Seconds(1));
  EXPECT_EQ(federation_.Job(job_id).state(), v1::JOB_STATE_FAILED);
}

TEST_F(DeadlineTest, ARestartDoesNotExtendThePlanningWindow) {
  const auto is_offer = [](const v1::Envelope& envelope) { return envelope.has_job_offer(); };
  uk_.faults.ignore = is_offer;
  cn_.faults.ignore = is_offer;
  federation_.Start();
  const std::string job_id = federation_.Submit(spec_);
  federation_.Advance(absl::Seconds(40));
  federation_.Restart();
  federation_.Run();
  federation_.Advance(absl::Seconds(19));  // recruiting_seconds = 60
  EXPECT_EQ(federation_.Job(job_id).state(), v1::JOB_STATE_PLANNING);
  federation_.Advance(absl::Seconds(1));
  EXPECT_EQ(federation_.Job(job_id).state(), v1::JOB_STATE_FAILED);
}

TEST_F(DeadlineTest, AWindowThatEndedDuringARestartWaitsForThoseWhoComeBack) {
  const auto is_invitation = [](const v1::Envelope& envelope) { return envelope.has_round_invitation(); };
  cn_.faults.ignore = is_invitation;
  cn2_.faults.ignore = is_invitation;
  federation_.Start();
  const std::string job_id = federation_.Submit(spec_);
  federation_.Advance(absl::Seconds(59));  // one second of recruiting is left
  cn_.faults.ignore = nullptr;
  federation_.away = {"archive-uk-1", "archive-cn-1", "archive-cn-2"};
  federation_.Restart();
  federation_.Run();
  federation_.Advance(absl::Seconds(10));  // reconnect_window = 15
  ASSERT_EQ(federation_.Job(job_id).state(), v1::JOB_STATE_RUNNING);
  federation_.Reconnect("archive-uk-1");
  federation_.Reconnect("archive-cn-1");
  federation_.Run();
  federation_.Advance(absl::Seconds(5));
  EXPECT_NE(federation_.Job(job_id).state(), v1::JOB_STATE_FAILED);
  EXPECT_NE(federation_.Job(job_id).rounds(0).state(), v1::ROUND_STATE_RECRUITING);
}

TEST_F(DeadlineTest, ARoundWhoseQuorumIsOutOfReachDoesNotWait) {
  uk_.faults.fails = "trainer-crashed";
  cn_.faults.fails = "no-usable-recording";
  cn2_.faults.ignore = IsTrainTask;
  federation_.Start();
  const v1::JobStatus job = federation_.Job(federation_.Submit(spec_));
  EXPECT_EQ(job.state(), v1::JOB_STATE_FAILED);
  EXPECT_EQ(Participation(job, "archive-uk-1").state(), v1::PARTICIPATION_STATE_FAILED);
  EXPECT_THAT(Participation(job, "archive-uk-1").reason(),
              AllOf(StartsWith("trainer-crashed"), HasSubstr("archive-uk-1")));
}

TEST_F(DeadlineTest, AConnectedArchiveWithoutProgressHasStalled) {
  uk_.faults.ignore = IsTrainTask;
  spec_.set_grace_seconds(600);
  federation_.Start();
  const std::string job_id = federation_.Submit(spec_);
  federation_.Advance(absl::Seconds(80));
  Progress(uk_, 1);  // the clock of 90 s starts again
  federation_.Advance(absl::Seconds(80));
  EXPECT_EQ(Participation(federation_.Job(job_id), "archive-uk-1").state(), v1::PARTICIPATION_STATE_TRAINING);
  Progress(uk_, 1);  // the same again is no progress
  federation_.Advance(absl::Seconds(11));
  EXPECT_EQ(Participation(federation_.Job(job_id), "archive-uk-1").state(), v1::PARTICIPATION_STATE_FAILED);
  EXPECT_THAT(Participation(federation_.Job(job_id), "archive-uk-1").reason(), StartsWith("stalled"));
}

TEST_F(DeadlineTest, AnArchiveThatIsAwayDoesNotStallAndGoesOnWhenItIsBack) {
  uk_.faults.ignore = IsTrainTask;
  spec_.set_grace_seconds(600);
  federation_.Start();
  const std::string job_id = federation_.Submit(spec_);
  federation_.Disconnect("archive-uk-1");
  federation_.Advance(absl::Seconds(500));  // five times stall_seconds
  EXPECT_EQ(Participation(federation_.Job(job_id), "archive-uk-1").state(), v1::PARTICIPATION_STATE_TRAINING);
  uk_.faults.ignore = nullptr;
  federation_.Reconnect("archive-uk-1");
  federation_.Run();
  EXPECT_EQ(Participation(federation_.Job(job_id), "archive-uk-1").state(),
            v1::PARTICIPATION_STATE_ACKNOWLEDGED);
  EXPECT_EQ(federation_.Job(job_id).state(), v1::JOB_STATE_COMPLETED);
}

TEST_F(DeadlineTest, AnUpdateThatComesAfterTheAggregationIsRefusedAndItsNumberIsFree) {
  uk_.faults.ignore = IsTrainTask;
  spec_.set_stall_seconds(500);
  federation_.Start();
  const std::string job_id = federation_.Submit(spec_);
  v1::Envelope task;
  for (const v1::Envelope& one : uk_.received) {
    if (one.has_train_task()) task = one;
  }
  federation_.Advance(absl::Seconds(120));
  ASSERT_EQ(federation_.Job(job_id).state(), v1::JOB_STATE_COMPLETED);
  uk_.faults.ignore = nullptr;
  const size_t decisions = federation_.Entries("decision").size();
  const uint64_t node_seq = uk_.node_seq();
  uk_.OnMessage(task);
  federation_.Run();
  const auto& verdict = uk_.verdicts.at(task.train_task().participation_id());
  EXPECT_FALSE(verdict.accepted());
  EXPECT_THAT(verdict.reason(), StartsWith("late"));
  EXPECT_THAT(verdict.receipt_envelope(), IsEmpty());
  EXPECT_EQ(federation_.Entries("decision").size(), decisions);
  EXPECT_EQ(uk_.node_seq(), node_seq);
}

TEST_F(DeadlineTest, AnEvaluationThatNeverComesDoesNotKeepTheJob) {
  uk_.faults.ignore = IsEvaluateTask;
  federation_.Start();
  const std::string job_id = federation_.Submit(spec_);
  federation_.Advance(absl::Seconds(89));  // stall_seconds = 90
  EXPECT_EQ(federation_.Job(job_id).rounds(0).state(), v1::ROUND_STATE_EVALUATING);
  federation_.Advance(absl::Seconds(2));
  const v1::JobStatus job = federation_.Job(job_id);
  EXPECT_EQ(job.state(), v1::JOB_STATE_COMPLETED);
  EXPECT_EQ(job.rounds(0).results_size(), 2);
}

TEST_F(DeadlineTest, AContributionBeforeItsPayloadWaitsForIt) {
  uk_.faults.withhold_payload = true;
  federation_.Start();
  const std::string job_id = federation_.Submit(spec_);
  EXPECT_EQ(Participation(federation_.Job(job_id), "archive-uk-1").state(), v1::PARTICIPATION_STATE_TRAINING);
  federation_.Advance(absl::Seconds(91));
  EXPECT_THAT(Participation(federation_.Job(job_id), "archive-uk-1").reason(), StartsWith("stalled"));
}

}  // namespace
}  // namespace consort::coordinator::testing
