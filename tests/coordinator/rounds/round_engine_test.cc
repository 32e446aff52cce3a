// A whole job, undisturbed and with people's commands: what is stored, logged and told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "common/crypto/digest.h"
#include "coordinator/rounds/engine.h"
#include "tests/coordinator/rounds/federation.h"
#include "tests/support/status_matchers.h"

namespace consort::coordinator::testing {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class RoundEngineTest : public ::testing::Test {
 protected:
  void StartThree() {
    uk_ = &federation_.AddArchive("archive-uk-1", "harp");
    cn_ = &federation_.AddArchive("archive-cn-1", "笛子");
    cn2_ = &federation_.AddArchive("archive-cn-2", "folk");
    federation_.Start();
  }
  Federation federation_;
  FakeArchive* uk_ = nullptr;
  FakeArchive* cn_ = nullptr;
  FakeArchive* cn2_ = nullptr;
};

TEST_F(RoundEngineTest, AJobOfTwoRoundsEndsWithAReleasedModel) {
  StartThree();
  const std::string job_id = federation_.Submit(federation_.Spec());
  const v1::JobStatus job = federation_.Job(job_id);

  EXPECT_EQ(job.state(), v1::JOB_STATE_COMPLETED) << job.reason();
  EXPECT_EQ(job.rounds_closed(), 2u);
  ASSERT_EQ(job.rounds_size(), 2);
  for (const v1::RoundStatus& round : job.rounds()) {
    EXPECT_EQ(round.state(), v1::ROUND_STATE_CLOSED);
    ASSERT_EQ(round.participations_size(), 3);
    for (const auto& participation : round.participations()) {
      EXPECT_EQ(participation.state(), v1::PARTICIPATION_STATE_ACKNOWLEDGED) << participation.reason();
      EXPECT_EQ(participation.weight(), 120u);  // seconds, all below the cap of 1000
    }
  }
  EXPECT_TRUE(federation_.artifacts().Contains(job.model_digest()));
  EXPECT_EQ(federation_.Entries("aggregation").at(1)["model_digest"], job.model_tensor_digest());
}

TEST_F(RoundEngineTest, EveryStepOfTheJobIsInTheLedgerOnce) {
  StartThree();
  federation_.Submit(federation_.Spec());
  EXPECT_THAT(federation_.Entries("job"), SizeIs(1));
  EXPECT_THAT(federation_.Entries("approval"), SizeIs(3));
  EXPECT_THAT(federation_.Entries("roster"), SizeIs(1));
  EXPECT_THAT(federation_.Entries("round-open"), SizeIs(2));
  EXPECT_THAT(federation_.Entries("contribution"), SizeIs(6));
  EXPECT_THAT(federation_.Entries("decision"), SizeIs(6));
  EXPECT_THAT(federation_.Entries("aggregation"), SizeIs(2));
  EXPECT_THAT(federation_.Entries("evaluation"), SizeIs(3));  // after the last round only
  EXPECT_THAT(federation_.Entries("model-release"), SizeIs(1));
}

TEST_F(RoundEngineTest, RoundOpenStatesTheWeightOfEveryArchiveAndTradition) {
  StartThree();
  federation_.Submit(federation_.Spec());
  const nlohmann::json open = federation_.Entries("round-open").at(0);
  EXPECT_EQ(open["cohort"], nlohmann::json::parse(R"([
      {"archive":"archive-cn-1","weight":120,"traditions":[{"tradition":"笛子","weight":120}]},
      {"archive":"archive-cn-2","weight":120,"traditions":[{"tradition":"folk","weight":120}]},
      {"archive":"archive-uk-1","weight":120,"traditions":[{"tradition":"harp","weight":120}]}])"));
  EXPECT_THAT(open["traditions"], SizeIs(3));
  EXPECT_EQ(federation_.Entries("aggregation").at(0)["weight_total"], 360);
}

TEST_F(RoundEngineTest, TheReleaseNamesTheTraditionThatWasHarmed) {
  federation_.AddArchive("archive-uk-1", "harp", -0.2);
  federation_.AddArchive("archive-cn-1", "笛子", +0.1);
  federation_.Start();
  const v1::JobStatus job = federation_.Job(federation_.Submit(federation_.Spec()));
  ASSERT_EQ(job.rounds(1).results_size(), 2);
  const nlohmann::json release = federation_.Entries("model-release").at(0);
  EXPECT_EQ(release["harms"], nlohmann::json::array({"笛子"}));
  // Every pair differs by the same amount, so every resample's mean is that amount.
  EXPECT_EQ(release["results"][0]["tradition"], "harp");
  EXPECT_EQ(release["results"][0]["low"], "-0.200000");
  EXPECT_EQ(release["results"][0]["verdict"], "improved");
  EXPECT_EQ(release["results"][1]["high"], "0.100000");
  EXPECT_EQ(release["results"][1]["verdict"], "harmed");
  const auto models = federation_.engine().ListModels(job.job_id());
  ASSERT_THAT(models, IsOk());
  ASSERT_THAT(*models, SizeIs(3));  // the base and one a round
  EXPECT_EQ((*models)[0].tensor_digest(), federation_.base_digest());
  EXPECT_THAT((*models)[2].harms(), ElementsAre("笛子"));
}

TEST_F(RoundEngineTest, SpoolsAreGoneWhenTheirRoundIsClosed) {
  StartThree();
  federation_.Submit(federation_.Spec());
  EXPECT_TRUE(std::filesystem::is_empty(federation_.spool_directory()));
}

TEST_F(RoundEngineTest, TheSameTokenAndFileAreOneJob) {
  StartThree();
  const v1::JobSpec spec = federation_.Spec();
  const std::string job_id = federation_.Submit(spec);
  const auto again = federation_.engine().Submit({spec.SerializeAsString(), "token", "spiffe://x"});
  ASSERT_THAT(again, IsOk());
  EXPECT_TRUE(again->existed);
  EXPECT_EQ(again->job.job_id(), job_id);
}

TEST_F(RoundEngineTest, ATokenUsedForAnotherFileIsRefused) {
  StartThree();
  v1::JobSpec spec = federation_.Spec();
  federation_.Submit(spec);
  spec.set_seed(8);
  EXPECT_THAT(federation_.engine().Submit({spec.SerializeAsString(), "token", "spiffe://x"}),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("token")));
}

TEST_F(RoundEngineTest, ADryRunChangesNothing) {
  StartThree();
  const auto dry =
      federation_.engine().Submit({federation_.Spec().SerializeAsString(), "", "spiffe://x", true});
  ASSERT_THAT(dry, IsOk());
  EXPECT_THAT(dry->notes, ::testing::Contains(HasSubstr("archive-cn-1, archive-cn-2, archive-uk-1")));
  federation_.Run();
  EXPECT_THAT(*federation_.engine().ListJobs(0), IsEmpty());
  EXPECT_EQ(federation_.prepared, 0);
}

TEST_F(RoundEngineTest, AnUnknownBaseModelIsNotFound) {
  StartThree();
  v1::JobSpec spec = federation_.Spec();
  spec.set_base_model_digest(Sha256Hex("another"));
  EXPECT_THAT(federation_.engine().Submit({spec.SerializeAsString(), "", "spiffe://x"}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("artifact put")));
}

TEST_F(RoundEngineTest, ATrainerThatDiesFailsTheJobByNameAndTheNextJobIsFine) {
  StartThree();
  federation_.prepare_status = absl::UnavailableError("trainer-crashed: the process ended");
  const v1::JobStatus failed = federation_.Job(federation_.Submit(federation_.Spec()));
  EXPECT_EQ(failed.state(), v1::JOB_STATE_FAILED);
  EXPECT_THAT(failed.reason(), HasSubstr("trainer-crashed"));
  EXPECT_THAT(federation_.Entries("decision").at(0)["outcome"], "failed");
  federation_.prepare_status = absl::OkStatus();
  const auto next =
      federation_.engine().Submit({federation_.Spec().SerializeAsString(), "other", "spiffe://x"});
  federation_.Run();
  EXPECT_EQ(federation_.Job(next->job.job_id()).state(), v1::JOB_STATE_COMPLETED);
}

TEST_F(RoundEngineTest, APausedJobOpensNoRoundUntilItIsResumed) {
  StartThree();
  uk_->faults.ignore = [](const v1::Envelope& envelope) { return envelope.has_train_task(); };
  const std::string job_id = federation_.Submit(federation_.Spec());
  ASSERT_THAT(federation_.engine().Control(job_id, v1::JOB_ACTION_PAUSE), IsOk());
  federation_.Advance(absl::Seconds(130));  // the grace of round 1 ends without archive-uk-1
  v1::JobStatus job = federation_.Job(job_id);
  EXPECT_EQ(job.state(), v1::JOB_STATE_PAUSED);
  EXPECT_EQ(job.rounds_size(), 1);
  EXPECT_EQ(job.rounds(0).state(), v1::ROUND_STATE_CLOSED);

  uk_->faults.ignore = nullptr;
  ASSERT_THAT(federation_.engine().Control(job_id, v1::JOB_ACTION_RESUME), IsOk());
  federation_.Run();
  EXPECT_EQ(federation_.Job(job_id).state(), v1::JOB_STATE_COMPLETED);
}

TEST_F(RoundEngineTest, ACancelledJobAbandonsItsRoundAndTellsTheArchives) {
  StartThree();
  uk_->faults.ignore = [](const v1::Envelope& envelope) { return envelope.has_train_task(); };
  const std::string job_id = federation_.Submit(federation_.Spec());
  ASSERT_THAT(federation_.engine().Control(job_id, v1::JOB_ACTION_CANCEL), IsOk());
  federation_.Run();
  const v1::JobStatus job = federation_.Job(job_id);
  EXPECT_EQ(job.state(), v1::JOB_STATE_CANCELLED);
  EXPECT_EQ(job.rounds(0).state(), v1::ROUND_STATE_ABANDONED);
  EXPECT_TRUE(uk_->received.back().has_job_ended());
  EXPECT_THAT(federation_.Entries("decision").back()["outcome"], "cancelled");
  EXPECT_TRUE(std::filesystem::is_empty(federation_.spool_directory()));
  EXPECT_THAT(federation_.engine().Control(job_id, v1::JOB_ACTION_PAUSE),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("cancelled")));
  federation_.Advance(absl::Hours(1));  // no clock of the round goes on
  EXPECT_EQ(federation_.Job(job_id).state(), v1::JOB_STATE_CANCELLED);
}

TEST_F(RoundEngineTest, AnArchiveThatWasAwayWhenAJobEndedIsToldWhenItIsBack) {
  StartThree();
  uk_->faults.ignore = [](const v1::Envelope& envelope) { return envelope.has_train_task(); };
  const std::string job_id = federation_.Submit(federation_.Spec());
  federation_.Disconnect("archive-uk-1");
  ASSERT_THAT(federation_.engine().Control(job_id, v1::JOB_ACTION_CANCEL), IsOk());
  federation_.Run();
  ASSERT_FALSE(uk_->received.back().has_job_ended());
  uk_->received.clear();
  uk_->open_jobs = {"unknown", job_id};
  federation_.Reconnect("archive-uk-1");
  federation_.Run();
  ASSERT_THAT(uk_->received, SizeIs(1));
  EXPECT_EQ(uk_->received[0].job_ended().job_id(), job_id);
  EXPECT_EQ(uk_->received[0].job_ended().state(), v1::JOB_STATE_CANCELLED);
}

TEST_F(RoundEngineTest, OfAJobThatGoesOnOrWasNotOfferedToItAnArchiveIsToldNothing) {
  StartThree();
  uk_->faults.ignore = [](const v1::Envelope& envelope) { return envelope.has_train_task(); };
  const std::string open = federation_.Submit(federation_.Spec());
  FakeArchive& late = federation_.AddArchive("archive-uk-2", "harp");
  late.open_jobs = uk_->open_jobs = {open};
  federation_.Restart();  // members are read at the start
  federation_.Run();
  ASSERT_THAT(federation_.engine().Control(open, v1::JOB_ACTION_CANCEL), IsOk());
  federation_.Run();
  federation_.Disconnect("archive-uk-2");
  federation_.Reconnect("archive-uk-2");
  federation_.Run();
  EXPECT_THAT(late.received, IsEmpty());
  EXPECT_EQ(std::count_if(uk_->received.begin(), uk_->received.end(),
                          [](const v1::Envelope& envelope) { return envelope.has_job_ended(); }),
            1);
}

TEST_F(RoundEngineTest, ControlOfAnUnknownJobIsNotFound) {
  StartThree();
  EXPECT_THAT(federation_.engine().Control("none", v1::JOB_ACTION_CANCEL),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("none")));
  EXPECT_THAT(federation_.engine().GetJob("none"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("none")));
}

TEST_F(RoundEngineTest, AWatcherSeesTheStartAndTheEndAtMostFiveTimesASecond) {
  StartThree();
  uk_->faults.ignore = [](const v1::Envelope& envelope) { return envelope.has_train_task(); };
  const std::string job_id = federation_.Submit(federation_.Spec());
  std::vector<v1::JobState> seen;
  ASSERT_THAT(federation_.engine().Watch(
                  job_id, [&](const v1::JobStatus& status) { seen.push_back(status.state()); }),
              IsOk());
  EXPECT_THAT(seen, ElementsAre(v1::JOB_STATE_RUNNING));
  federation_.engine().Control(job_id, v1::JOB_ACTION_CANCEL).IgnoreError();
  federation_.Advance(absl::Seconds(1));
  EXPECT_THAT(seen, ElementsAre(v1::JOB_STATE_RUNNING, v1::JOB_STATE_CANCELLED));
}

TEST_F(RoundEngineTest, ArtifactsInUseAreThoseOfJobsAndRounds) {
  StartThree();
  const v1::JobStatus job = federation_.Job(federation_.Submit(federation_.Spec()));
  const auto used = federation_.engine().ArtifactsInUse();
  ASSERT_THAT(used, IsOk());
  EXPECT_THAT(*used, AllOf(::testing::Contains(job.model_digest()),
                           ::testing::Contains(job.spec().base_model_digest())));
}

TEST_F(RoundEngineTest, ADrainingCoordinatorTakesNoJob) {
  StartThree();
  federation_.engine().Drain();
  EXPECT_THAT(federation_.engine().Submit({federation_.Spec().SerializeAsString(), "", "spiffe://x"}),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("submit again later")));
}

}  // namespace
}  // namespace consort::coordinator::testing
