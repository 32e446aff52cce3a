#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/node/daemon/node_under_test.h"
#include "tests/support/status_matchers.h"

namespace consort::node {
namespace {

using ::testing::ElementsAre;
using Body = v1::Envelope::BodyCase;

class DaemonRoundTest : public ::testing::Test {
 protected:
  nlohmann::json Predicate(const std::string& envelope) {
    const auto statement = ledger::ReadEntry(envelope);
    return nlohmann::json::parse(statement->predicate);
  }
  std::vector<std::string> RowTypes() {
    std::vector<std::string> types;
    const auto rows = node_.JournalRows().value();
    for (const JournalRow& row : rows) types.push_back(row.type);
    return types;
  }
  NodeUnderTest node_;
};

TEST_F(DaemonRoundTest, OfferWithinThePolicyIsApprovedWithASignedEntry) {
  node_.Start();
  node_.Offer();
  const v1::Envelope* answer = node_.coordinator.Last(Body::kOfferAnswer);
  ASSERT_NE(answer, nullptr);
  EXPECT_EQ(answer->request_id(), "offer");
  EXPECT_EQ(answer->offer_answer().state(), v1::OFFER_STATE_APPROVED);
  const auto entry = Predicate(answer->offer_answer().approval_envelope());
  EXPECT_EQ(entry["decision"], "approve");
  EXPECT_EQ(entry["node_seq"], 1);
  EXPECT_EQ(entry["plan_digest"], Sha256Hex(answer->offer_answer().plan()));
  v1::Plan plan;
  ASSERT_TRUE(plan.ParseFromString(answer->offer_answer().plan()));
  EXPECT_EQ(plan.weight(), 60);        // 60 s of training material, below the job's 100
  EXPECT_EQ(plan.update_bytes(), 16);  // three deltas and the weight, 4 bytes each
}

TEST_F(DaemonRoundTest, OfferOutsideThePolicyIsRefusedWithItsPublicReason) {
  node_.policy.purposes = {"research.only"};
  node_.Start();
  node_.Offer();
  const v1::Envelope* answer = node_.coordinator.Last(Body::kOfferAnswer);
  ASSERT_NE(answer, nullptr);
  EXPECT_EQ(answer->offer_answer().state(), v1::OFFER_STATE_REFUSED);
  EXPECT_EQ(Predicate(answer->offer_answer().approval_envelope())["reason"], "purpose-not-allowed");
}

TEST_F(DaemonRoundTest, TrainerThatIsStartingIsAskedAgain) {
  node_.trainer.plan_status = absl::UnavailableError("trainer-scanning");
  node_.Start();
  node_.Offer();
  EXPECT_EQ(node_.coordinator.Count(Body::kOfferAnswer), 0);
  node_.trainer.plan_status = absl::OkStatus();
  node_.Advance(absl::Seconds(3));
  EXPECT_EQ(node_.coordinator.Last(Body::kOfferAnswer)->offer_answer().state(), v1::OFFER_STATE_APPROVED);
}

TEST_F(DaemonRoundTest, InvitationIsAcceptedForApprovedJobsOnly) {
  node_.Start();
  v1::Envelope invitation;
  invitation.mutable_round_invitation()->set_job_id(NodeUnderTest::JobId());
  invitation.mutable_round_invitation()->set_participation_id(NodeUnderTest::ParticipationId());
  node_.coordinator.Send(invitation);
  node_.RunUntilIdle();
  EXPECT_FALSE(node_.coordinator.Last(Body::kRoundAnswer)->round_answer().joins());
  node_.Offer();
  node_.coordinator.Send(invitation);
  node_.RunUntilIdle();
  EXPECT_TRUE(node_.coordinator.Last(Body::kRoundAnswer)->round_answer().joins());
}

TEST_F(DaemonRoundTest, TrainedUpdateIsJournaledUploadedAndContributed) {
  node_.Start();
  node_.RunRound();
  const auto& uploads = node_.transfer.uploads[NodeUnderTest::ParticipationId()];
  ASSERT_EQ(uploads.size(), 1);
  const v1::Envelope* contribution = node_.coordinator.Last(Body::kContribution);
  ASSERT_NE(contribution, nullptr);
  const auto entry = Predicate(contribution->contribution().envelope());
  EXPECT_EQ(entry["update_digest"], Sha256Hex(uploads[0]));
  EXPECT_EQ(entry["update_bytes"], 16);
  EXPECT_EQ(entry["weight"], 60);
  EXPECT_EQ(entry["base_digest"], node_.base_digest);
  EXPECT_EQ(entry["node_seq"], 2);
  EXPECT_EQ(entry["prev_head"]["size"], 3);  // job, approval, round-open: the task's checkpoint
  EXPECT_EQ(entry["plan_digest"],
            Sha256Hex(node_.coordinator.Last(Body::kOfferAnswer)->offer_answer().plan()));
  EXPECT_THAT(RowTypes(), ElementsAre("plan", "update", "contribution"));
  EXPECT_EQ(node_.coordinator.refused_entries, 0);
}

TEST_F(DaemonRoundTest, RowOfAnUpdateStandsBeforeItsFirstByteLeaves) {
  std::vector<std::string> rows;
  node_.transfer.during_upload = [&] { rows = RowTypes(); };
  node_.Start();
  node_.RunRound();
  EXPECT_THAT(rows, ElementsAre("plan", "update"));
}

TEST_F(DaemonRoundTest, EvaluationStatesScoresAndWhatHasLeft) {
  node_.Start();
  node_.RunRound();
  const std::string head = RowHash(FormatRow(node_.JournalRows()->back()));
  node_.Evaluate(3);
  const v1::Envelope* report = node_.coordinator.Last(Body::kEvaluationReport);
  ASSERT_NE(report, nullptr);
  const auto entry = Predicate(report->evaluation_report().envelope());
  EXPECT_EQ(entry["scores"],
            nlohmann::json::parse(R"([{"tradition":"celtic-harp","pairs":[["2.0000","1.5000"]]}])"));
  EXPECT_EQ(entry["journal_head"], head);
  uint64_t derived = 0;
  const auto rows = node_.JournalRows().value();
  for (const JournalRow& row : rows) {
    if (row.derived() && row.type != kRowEvaluation) derived += row.bytes;
  }
  EXPECT_EQ(entry["bytes_sent"], derived);
  EXPECT_EQ(entry["after_digest"], node_.base_digest);
}

TEST_F(DaemonRoundTest, ControlMessagesAreCountedInOneRowAMinute) {
  node_.Start();
  node_.Advance(absl::Seconds(61));
  ASSERT_THAT(RowTypes(), ElementsAre("control"));
  EXPECT_GE(node_.JournalRows()->at(0).messages, 15);  // hello and a heartbeat each 3 s
}

TEST_F(DaemonRoundTest, ProgressIsSentAtMostTwiceASecond) {
  node_.trainer.during_train = [] {};
  node_.Start();
  node_.RunRound();
  // One training step and the encoding and uploading phases at one instant of the simulated clock: one
  // message a phase.
  EXPECT_LE(node_.coordinator.Count(Body::kTaskProgress), 3);
}

TEST_F(DaemonRoundTest, HelloNamesTheJobsThatHaveNotEndedAsFarAsTheNodeKnows) {
  node_.Start();
  node_.RunRound();
  EXPECT_THAT(node_.coordinator.hellos.back().open_jobs(), ::testing::IsEmpty());
  node_.coordinator.Restart();
  node_.Advance(absl::Seconds(30));
  EXPECT_THAT(node_.coordinator.hellos.back().open_jobs(), ElementsAre(NodeUnderTest::JobId()));

  v1::Envelope ended;
  ended.mutable_job_ended()->set_job_id(NodeUnderTest::JobId());
  node_.coordinator.Send(ended);
  node_.RunUntilIdle();
  node_.coordinator.Restart();
  node_.Advance(absl::Seconds(30));
  EXPECT_THAT(node_.coordinator.hellos.back().open_jobs(), ::testing::IsEmpty());
  // What it approved is the archive's own record.
  EXPECT_TRUE(TaskStore::Open(node_.StatePath("jobs")).value().Has(NodeUnderTest::JobId(), Record::kAnswer));
}

TEST_F(DaemonRoundTest, EndOfTheJobLeavesTheReceiptAlone) {
  node_.Start();
  node_.RunRound();
  v1::Envelope ended;
  ended.mutable_job_ended()->set_job_id(NodeUnderTest::JobId());
  node_.coordinator.Send(ended);
  node_.RunUntilIdle();
  const TaskStore tasks = TaskStore::Open(node_.StatePath("tasks")).value();
  EXPECT_TRUE(tasks.Has(NodeUnderTest::ParticipationId(), Record::kVerdict));
  EXPECT_FALSE(tasks.Has(NodeUnderTest::ParticipationId(), Record::kTask));
}

}  // namespace
}  // namespace consort::node
