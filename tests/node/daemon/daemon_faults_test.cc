#include <cmath>
#include <filesystem>

#include "common/update/manifest.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "node/state/state_files.h"
#include "tests/node/daemon/node_under_test.h"
#include "tests/support/status_matchers.h"

namespace consort::node {
namespace {

using ::testing::HasSubstr;
using Body = v1::Envelope::BodyCase;

class DaemonFaultsTest : public ::testing::Test {
 protected:
  std::string FailureCode() {
    const v1::Envelope* failure = node_.coordinator.Last(Body::kTaskFailure);
    return failure == nullptr ? "none" : failure->task_failure().code();
  }
  int Uploads() { return static_cast<int>(node_.transfer.uploads[NodeUnderTest::ParticipationId()].size()); }
  std::string ContributionBytes() {
    return node_.coordinator.Last(Body::kContribution)->contribution().envelope();
  }
  NodeUnderTest node_;
};

TEST_F(DaemonFaultsTest, NotANumberFromTheTrainerFailsTheTaskAndSendsNothing) {
  node_.trainer.values[1] = std::nanf("");
  node_.Start();
  node_.RunRound();
  EXPECT_EQ(FailureCode(), "not-finite");
  EXPECT_EQ(Uploads(), 0);
  EXPECT_EQ(node_.coordinator.Count(Body::kContribution), 0);
}

TEST_F(DaemonFaultsTest, InfinityInAScoreFailsTheEvaluation) {
  node_.trainer.score = INFINITY;
  node_.Start();
  node_.RunRound();
  node_.Evaluate(3);
  EXPECT_EQ(FailureCode(), "not-finite");
  EXPECT_EQ(node_.coordinator.Count(Body::kEvaluationReport), 0);
}

TEST_F(DaemonFaultsTest, CrashedTrainerFailsOneTaskByNameAndTheNextIsFine) {
  node_.trainer.train_status = absl::UnavailableError("trainer-crashed: it went away");
  node_.Start();
  node_.RunRound();
  EXPECT_EQ(FailureCode(), "trainer-crashed");
  node_.trainer.train_status = absl::OkStatus();
  v1::Envelope next = node_.TrainTask(3);
  next.mutable_train_task()->set_participation_id(std::string(32, '9'));
  node_.coordinator.Send(next);
  node_.RunUntilIdle();
  EXPECT_EQ(node_.transfer.uploads[std::string(32, '9')].size(), 1);
}

TEST_F(DaemonFaultsTest, FailedTaskThatIsAskedForAgainGetsTheSameAnswer) {
  node_.trainer.train_status = absl::UnavailableError("trainer-stuck: silent");
  node_.Start();
  node_.RunRound();
  node_.Kill();
  node_.trainer.train_status = absl::OkStatus();
  node_.Start();
  node_.Train(3);
  EXPECT_EQ(node_.trainer.trainings, 1);
  EXPECT_EQ(node_.coordinator.Count(Body::kTaskFailure), 2);
}

TEST_F(DaemonFaultsTest, LedgerThatForkedStopsTheTrainingAndLeavesEvidence) {
  node_.Start();
  node_.Offer();
  node_.coordinator.Append(ledger::Kind::kRoster, "job/test", {});
  v1::Envelope head;
  *head.mutable_ledger_head() = node_.coordinator.Head(0);
  node_.coordinator.Send(head);
  v1::Envelope task = node_.TrainTask(3);
  *task.mutable_train_task()->mutable_head() = node_.coordinator.ForkedHead(3);
  node_.coordinator.Send(task);
  node_.RunUntilIdle();
  EXPECT_EQ(FailureCode(), "ledger-inconsistent");
  EXPECT_EQ(node_.trainer.trainings, 0);
  EXPECT_THAT(ListDirectory(node_.StatePath("ledger/incidents")),
              testing::IsOkAndHolds(::testing::SizeIs(1)));
}

TEST_F(DaemonFaultsTest, TaskThatDiffersFromItsRoundOpenEntryIsRefused) {
  node_.Start();
  node_.Offer();
  v1::Envelope task = node_.TrainTask(0);
  task.mutable_train_task()->set_weight(61);
  node_.coordinator.Send(task);
  node_.RunUntilIdle();
  EXPECT_EQ(FailureCode(), "ledger-inconsistent");
  EXPECT_THAT(node_.coordinator.Last(Body::kTaskFailure)->task_failure().detail(), HasSubstr("cohort"));
}

TEST_F(DaemonFaultsTest, RoundOpenEntryThatIsNotInTheTreeIsRefused) {
  node_.Start();
  node_.Offer();
  v1::Envelope task = node_.TrainTask(0);
  task.mutable_train_task()->set_round_open_index(0);
  node_.coordinator.Send(task);
  node_.RunUntilIdle();
  EXPECT_EQ(FailureCode(), "ledger-inconsistent");
}

TEST_F(DaemonFaultsTest, ProofThatStartsElsewhereIsAskedForAgainWithAFreshSession) {
  node_.Start();
  node_.Offer();
  v1::Envelope head;
  *head.mutable_ledger_head() = node_.coordinator.Head(0);
  node_.coordinator.Send(head);
  node_.RunUntilIdle();
  v1::Envelope task = node_.TrainTask(1);  // the node stands at 2
  node_.coordinator.Send(task);
  node_.RunUntilIdle();
  EXPECT_EQ(FailureCode(), "none");
  node_.Advance(absl::Seconds(1));
  EXPECT_EQ(node_.coordinator.hellos.back().session_id(), "");
  EXPECT_EQ(node_.coordinator.hellos.back().head_size(), 2);
  node_.Train(2);
  EXPECT_EQ(Uploads(), 1);
}

TEST_F(DaemonFaultsTest, TaskOfAJobThatWasNeverApprovedIsRefused) {
  node_.Start();
  node_.Train();
  EXPECT_EQ(FailureCode(), "policy");
}

TEST_F(DaemonFaultsTest, PolicyThatBecameStricterHoldsForTheNextRound) {
  node_.Start();
  node_.Offer();
  node_.Kill();
  node_.policy.purposes.clear();
  node_.Start();
  node_.Train();
  EXPECT_EQ(FailureCode(), "policy");
  EXPECT_EQ(node_.trainer.trainings, 0);
}

TEST_F(DaemonFaultsTest, StateThatIsNotTheOneOfRoundOpenIsDamaged) {
  node_.Start();
  node_.Offer();
  node_.base_digest = std::string(64, '0');
  node_.Train();
  EXPECT_EQ(FailureCode(), "artifact-damaged");
}

TEST_F(DaemonFaultsTest, KillDuringUploadSendsTheSameBytesWithoutTrainingAgain) {
  node_.Start();
  node_.Offer();
  node_.transfer.upload_status = absl::CancelledError("the process is killed here");
  node_.transfer.during_upload = [this] { node_.coordinator.Cut(); };
  node_.coordinator.Send(node_.TrainTask(0));
  node_.RunUntilIdle();
  const std::string stored = testing::ReadFileOrDie(
      TaskStore::Open(node_.StatePath("tasks"))->PayloadPath(NodeUnderTest::ParticipationId()));
  node_.Kill();
  std::filesystem::remove(node_.StatePath("tasks/" + NodeUnderTest::ParticipationId() + "/failure"));
  node_.transfer.upload_status = absl::OkStatus();
  node_.transfer.during_upload = nullptr;
  node_.Start();
  node_.Train(3);
  EXPECT_EQ(node_.trainer.trainings, 1);
  EXPECT_EQ(node_.transfer.uploads[NodeUnderTest::ParticipationId()].back(), stored);
  EXPECT_EQ(node_.coordinator.Count(Body::kContribution), 1);
}

// A kill after each record was written: the task folder then holds what a kill at that point leaves.
class DaemonKillTest : public DaemonFaultsTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(DaemonKillTest, RestartEndsWithTheSameContribution) {
  node_.coordinator.answers_verdicts = false;
  node_.Start();
  node_.RunRound();
  const std::string payload = node_.transfer.uploads[NodeUnderTest::ParticipationId()].at(0);
  const nlohmann::json first = nlohmann::json::parse(ledger::ReadEntry(ContributionBytes())->predicate);
  node_.Kill();
  node_.coordinator.Restart();
  const std::string folder = node_.StatePath("tasks/" + NodeUnderTest::ParticipationId() + "/");
  bool remove = false;
  for (const char* record : {"task", "trained", "payload-facts", "entry"}) {
    if (remove) std::filesystem::remove(folder + record);
    remove = remove || std::string(record) == GetParam();
  }
  node_.coordinator.answers_verdicts = true;
  node_.Start();
  node_.Train(3);
  EXPECT_EQ(node_.transfer.uploads[NodeUnderTest::ParticipationId()].back(), payload);
  const nlohmann::json second = nlohmann::json::parse(ledger::ReadEntry(ContributionBytes())->predicate);
  EXPECT_EQ(first["update_digest"], second["update_digest"]);
  EXPECT_EQ(second["node_seq"], 2);
  EXPECT_EQ(node_.coordinator.refused_entries, 0);
  EXPECT_TRUE(
      TaskStore::Open(node_.StatePath("tasks"))->Has(NodeUnderTest::ParticipationId(), Record::kVerdict));
}

INSTANTIATE_TEST_SUITE_P(AfterEachRecord, DaemonKillTest,
                         ::testing::Values("task", "trained", "payload-facts", "entry"));

TEST_F(DaemonFaultsTest, ValuesFromBeforeAPowerCutAreNotTrusted) {
  node_.coordinator.answers_verdicts = false;
  node_.trainer.during_train = nullptr;
  node_.Start();
  node_.RunRound();
  node_.Kill();
  const std::string folder = node_.StatePath("tasks/" + NodeUnderTest::ParticipationId() + "/");
  // What a power cut after the training may leave: facts of a training, and values full of zeros.
  std::filesystem::remove(folder + "payload-facts");
  std::filesystem::remove(folder + "entry");
  std::filesystem::rename(folder + "payload", folder + "values");
  testing::WriteFileOrDie(folder + "values", std::string(12, '\0'));
  const std::string payload = node_.transfer.uploads[NodeUnderTest::ParticipationId()].at(0);
  node_.boot_id = "boot-2";
  node_.Start();
  node_.Train(3);
  EXPECT_EQ(node_.trainer.trainings, 2);
  EXPECT_EQ(node_.transfer.uploads[NodeUnderTest::ParticipationId()].back(), payload);
}

TEST_F(DaemonFaultsTest, RestartedCoordinatorGetsTheSameEntryByteForByte) {
  node_.coordinator.answers_verdicts = false;
  node_.Start();
  node_.RunRound();
  const std::string first = ContributionBytes();
  node_.coordinator.Restart();
  node_.coordinator.answers_verdicts = true;
  node_.coordinator.Append(ledger::Kind::kDecision, "round/test",
                           {});  // a new head: signing again would show
  node_.Advance(absl::Seconds(2));
  node_.Train(3);
  EXPECT_EQ(ContributionBytes(), first);
  EXPECT_EQ(node_.trainer.trainings, 1);
  EXPECT_EQ(node_.coordinator.node_seq(), 2);
}

TEST_F(DaemonFaultsTest, NothingIsSignedBetweenAContributionAndItsVerdict) {
  node_.coordinator.answers_verdicts = false;
  node_.Start();
  node_.RunRound();
  node_.Evaluate(3);
  EXPECT_EQ(node_.coordinator.Count(Body::kEvaluationReport), 0);
  v1::Envelope verdict;
  verdict.mutable_verdict()->set_participation_id(NodeUnderTest::ParticipationId());
  verdict.mutable_verdict()->set_accepted(true);
  node_.coordinator.Send(verdict);
  node_.RunUntilIdle();
  EXPECT_EQ(node_.coordinator.Count(Body::kEvaluationReport), 1);
}

TEST_F(DaemonFaultsTest, RefusedContributionThatWasNotLoggedLeavesNoGapInTheNumbers) {
  node_.Start();
  node_.Offer();
  node_.coordinator.logs_contributions = false;
  node_.coordinator.accepts = false;
  node_.Train();
  node_.Advance(absl::Seconds(2));
  node_.Evaluate(3);
  EXPECT_EQ(node_.coordinator.Count(Body::kEvaluationReport), 1);
  EXPECT_EQ(node_.coordinator.refused_entries, 0);
}

TEST_F(DaemonFaultsTest, TaskThatFailsAfterItsContributionWasLostLeavesNoGapInTheNumbers) {
  node_.coordinator.answers_verdicts = false;
  node_.coordinator.logs_contributions = false;
  node_.Start();
  node_.RunRound();
  node_.transfer.upload_status = absl::InvalidArgumentError("not this time");
  node_.Train(3);  // asked again
  node_.Advance(absl::Seconds(2));
  node_.Evaluate(3);
  EXPECT_EQ(node_.coordinator.Count(Body::kEvaluationReport), 1);
  EXPECT_EQ(node_.coordinator.refused_entries, 0);
}

TEST_F(DaemonFaultsTest, CancelledTaskStopsAndSaysNothing) {
  node_.trainer.during_train = [this] {
    v1::Envelope cancelled;
    cancelled.mutable_task_cancelled()->set_id(NodeUnderTest::ParticipationId());
    node_.coordinator.Send(cancelled);
  };
  node_.Start();
  node_.RunRound();
  EXPECT_EQ(node_.coordinator.Count(Body::kContribution), 0);
  EXPECT_EQ(FailureCode(), "none");
  EXPECT_EQ(node_.Status().running_tasks_size(), 0);
}

// The first of two rounds; the manifest for the latents is the second's.
class DaemonLatentAnalysisTest : public DaemonFaultsTest {
 protected:
  DaemonLatentAnalysisTest() {
    v1::JobSpec spec;
    spec.ParseFromString(node_.spec);
    spec.set_rounds(2);
    spec.set_latent_analysis(true);
    node_.spec = spec.SerializeAsString();
    node_.last_manifest =
        Manifest::Create({{"statistics/latent/count", {3}, SegmentKind::kStatistic, 1, 100}},
                         {.clip_norm = 10, .max_weight = 100, .cohort_bound = 4})
            .value()
            .json();
    node_.Start();
    node_.Offer();
  }
};

TEST_F(DaemonLatentAnalysisTest, ManifestWhoseTurnItIsIsTrained) {
  node_.Train();
  EXPECT_EQ(FailureCode(), "none");
  EXPECT_EQ(Uploads(), 1);
}

TEST_F(DaemonLatentAnalysisTest, ManifestOfTheLastRoundIsRefusedInTheFirst) {
  node_.manifest = node_.last_manifest;
  node_.Train();
  EXPECT_EQ(FailureCode(), "policy");
  EXPECT_EQ(Uploads(), 0);
}

TEST_F(DaemonFaultsTest, WorkOfARoundThatEndedWhileWeWereAwayIsForgotten) {
  node_.coordinator.answers_verdicts = false;
  node_.Start();
  node_.RunRound();
  node_.Kill();
  node_.coordinator.Restart();
  node_.Start();
  node_.Advance(absl::Minutes(59));
  EXPECT_TRUE(
      TaskStore::Open(node_.StatePath("tasks"))->Has(NodeUnderTest::ParticipationId(), Record::kTask));
  node_.Advance(absl::Minutes(2));
  EXPECT_FALSE(
      TaskStore::Open(node_.StatePath("tasks"))->Has(NodeUnderTest::ParticipationId(), Record::kTask));
}

TEST_F(DaemonFaultsTest, CoordinatorOfAnotherLedgerIsLeft) {
  node_.Start();
  node_.coordinator.Cut();
  v1::Envelope welcome;
  welcome.mutable_welcome()->set_log_vkey("other");
  node_.Advance(absl::Seconds(1));
  node_.coordinator.Send(welcome);
  node_.RunUntilIdle();
  EXPECT_EQ(node_.Status().connection(), "connecting");
  EXPECT_THAT(node_.Status().last_error(), HasSubstr("another ledger"));
}

}  // namespace
}  // namespace consort::node
