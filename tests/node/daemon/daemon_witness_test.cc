// The daemon as witness: what the session carries, what an incident stops, and what a person's decision
// starts.
#include "absl/strings/str_cat.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/note.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/node/daemon/node_under_test.h"
#include "tests/support/status_matchers.h"

namespace consort::node {
namespace {

using consort::testing::IsOk;
using consort::testing::StatusIs;
using ::testing::_;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Body = v1::Envelope::BodyCase;

class DaemonWitnessTest : public ::testing::Test {
 protected:
  void AskToCosign(uint64_t old_size, uint64_t size) {
    node_.coordinator.AskToCosign(old_size, size);
    node_.RunUntilIdle();
  }
  const v1::WitnessAnswer& Answer() { return node_.coordinator.Last(Body::kWitnessAnswer)->witness_answer(); }
  // The node has cosigned the two leaves, and then another root for that size is shown to it.
  void Lie() {
    AskToCosign(0, 2);
    node_.coordinator.AskToCosignForgery(2, 2);
    node_.RunUntilIdle();
  }
  absl::Status Decide(const std::string& decision) {
    const absl::Status decided =
        node_.daemon().ResolveIncident(node_.incidents().OpenId(), decision, "archivist");
    node_.Advance(absl::Seconds(1));
    return decided;
  }
  std::string StaffEntry(const SigningKey& key, ledger::Kind kind = ledger::Kind::kWithdrawal) {
    return ledger::SealEntry(kind, {{"contribution", std::string(64, 'a')}}, {{"origin", kOrigin}}, {&key})
        .value();
  }

  NodeUnderTest node_{NodeUnderTest::Ledger::kWitnessed};
};

TEST_F(DaemonWitnessTest, CosignsOnTheSession) {
  node_.Start();
  AskToCosign(0, 2);
  EXPECT_EQ(Answer().status(), 200);
  EXPECT_EQ(Answer().size(), 2);
  EXPECT_THAT(Answer().body(), HasSubstr("archive-uk-1.test.example/mirror"));
  EXPECT_EQ(node_.coordinator.Last(Body::kWitnessAnswer)->request_id(), "cosign");
  EXPECT_EQ(node_.Status().mirror_size(), 2);
}

TEST_F(DaemonWitnessTest, SaysInItsHelloWhereItStands) {
  node_.Start();
  EXPECT_EQ(node_.coordinator.hellos.back().witness_size(), 0);
  EXPECT_THAT(node_.coordinator.hellos.back().capabilities(), ::testing::Contains("ledger.witness"));
  AskToCosign(0, 2);
  node_.Kill();
  node_.Start();
  EXPECT_EQ(node_.coordinator.hellos.back().witness_size(), 2);
  EXPECT_EQ(ledger::ReadCheckpoint(node_.coordinator.hellos.back().newest_checkpoint())->size, 2);
  EXPECT_EQ(node_.coordinator.hellos.back().incident(), "");
}

TEST_F(DaemonWitnessTest, LargestCheckpointInTheHelloIsAHeadWhereThatIsLarger) {
  node_.Start();
  AskToCosign(0, 2);
  node_.RunRound();  // brings heads of 3 leaves and more
  node_.Kill();
  node_.Start();
  EXPECT_GT(ledger::ReadCheckpoint(node_.coordinator.hellos.back().newest_checkpoint())->size, 2);
}

TEST_F(DaemonWitnessTest, EveryEntryAwaitsItsAnswer) {
  node_.coordinator.answers_outcomes = false;
  node_.Start();
  node_.Offer();
  const int approvals = node_.coordinator.Count(Body::kOfferAnswer);
  v1::Envelope second;
  second.mutable_job_offer()->set_job_id(std::string(32, '8'));
  second.mutable_job_offer()->set_spec(node_.spec);
  second.mutable_job_offer()->add_manifests(node_.manifest);
  node_.coordinator.Send(second);
  node_.RunUntilIdle();
  EXPECT_EQ(node_.coordinator.Count(Body::kOfferAnswer), approvals);  // waits
  EXPECT_EQ(node_.coordinator.node_seq(), 1);
}

TEST_F(DaemonWitnessTest, RefusedEntryFreesItsNumberAtOnce) {
  node_.Start();
  node_.coordinator.logs_other_entries = false;
  node_.Offer();
  EXPECT_EQ(node_.coordinator.node_seq(), 0);
  node_.coordinator.logs_other_entries = true;
  const int connections = node_.coordinator.connections;
  node_.Offer();
  EXPECT_EQ(node_.coordinator.node_seq(), 1);
  EXPECT_EQ(node_.coordinator.refused_entries, 0);
  EXPECT_EQ(node_.coordinator.connections, connections);
}

TEST_F(DaemonWitnessTest, RefusedContributionWithoutAReceiptFreesItsNumberToo) {
  node_.Start();
  node_.Offer();
  node_.coordinator.logs_contributions = false;
  node_.coordinator.accepts = false;
  const int connections = node_.coordinator.connections;
  node_.Train();
  EXPECT_EQ(node_.coordinator.node_seq(), 1);  // the approval
  node_.Evaluate(node_.coordinator.size());
  EXPECT_EQ(node_.coordinator.node_seq(), 2);
  EXPECT_EQ(node_.coordinator.refused_entries, 0);
  EXPECT_EQ(node_.coordinator.connections, connections);
}

TEST_F(DaemonWitnessTest, WholeRoundUnderReceiptsRaisesNothing) {
  node_.Start();
  node_.RunRound();
  node_.Evaluate(node_.coordinator.size());
  EXPECT_EQ(node_.coordinator.node_seq(), 3);
  EXPECT_THAT(node_.incidents().List(), IsEmpty());
  node_.Kill();
  node_.Start();
  EXPECT_THAT(node_.coordinator.hellos.back().newest_receipt(), HasSubstr("payload"));
}

TEST_F(DaemonWitnessTest, AcceptedContributionWithoutAReceiptIsAnIncident) {
  node_.coordinator.gives_receipts = false;
  node_.Start();
  node_.RunRound();
  ASSERT_THAT(node_.incidents().List(), SizeIs(1));
  EXPECT_EQ(node_.incidents().List()[0].kind, "receipt-not-honoured");
}

TEST_F(DaemonWitnessTest, ReceiptIsOverdueAfterAnHourOfConnectedTime) {
  node_.Start();
  node_.Offer();  // its receipt names leaf 3, and no checkpoint with it is ever shown
  for (int minute = 0; minute < 59; ++minute) node_.Advance(absl::Minutes(1));
  EXPECT_THAT(node_.incidents().List(), IsEmpty());
  node_.Advance(absl::Minutes(2));
  ASSERT_THAT(node_.incidents().List(), SizeIs(1));
  EXPECT_EQ(node_.incidents().List()[0].kind, "receipt-overdue");
}

TEST_F(DaemonWitnessTest, ForkIsReportedWithBothNotes) {
  node_.Start();
  Lie();
  EXPECT_EQ(Answer().status(), 422);
  const v1::Envelope* report = node_.coordinator.Last(Body::kIncidentReport);
  ASSERT_NE(report, nullptr);
  EXPECT_EQ(report->incident_report().id(), node_.incidents().OpenId());
  EXPECT_EQ(report->incident_report().kind(), "fork");
  EXPECT_GE(report->incident_report().evidence_size(), 2);
  ASSERT_THAT(node_.Status().incidents(), SizeIs(1));
  EXPECT_FALSE(node_.Status().incidents(0).resolved());
}

TEST_F(DaemonWitnessTest, ReportIsMadeAgainToACoordinatorThatForgot) {
  node_.Start();
  Lie();
  node_.coordinator.Restart();
  node_.Advance(absl::Minutes(2));
  EXPECT_EQ(node_.coordinator.Count(Body::kIncidentReport), 2);
  EXPECT_EQ(node_.coordinator.hellos.back().incident(), node_.incidents().OpenId());
}

TEST_F(DaemonWitnessTest, OpenIncidentStopsEveryContribution) {
  node_.Start();
  node_.Offer();
  Lie();
  const uint64_t signed_before = node_.coordinator.node_seq();
  node_.Train();
  EXPECT_EQ(node_.coordinator.Last(Body::kTaskFailure)->task_failure().code(), "ledger-inconsistent");
  EXPECT_EQ(node_.trainer.trainings, 0);
  v1::Envelope invitation;
  invitation.mutable_round_invitation()->set_job_id(NodeUnderTest::JobId());
  node_.coordinator.Send(invitation);
  v1::Envelope offer;
  offer.mutable_job_offer()->set_job_id(std::string(32, '8'));
  offer.mutable_job_offer()->set_spec(node_.spec);
  node_.coordinator.Send(offer);
  node_.RunUntilIdle();
  EXPECT_FALSE(node_.coordinator.Last(Body::kRoundAnswer)->round_answer().joins());
  EXPECT_EQ(node_.coordinator.Last(Body::kRoundAnswer)->round_answer().reason(), "ledger-incident");
  const v1::OfferAnswer& refused = node_.coordinator.Last(Body::kOfferAnswer)->offer_answer();
  EXPECT_EQ(refused.state(), v1::OFFER_STATE_REFUSED);
  EXPECT_EQ(refused.reason(), "ledger-incident");
  EXPECT_EQ(refused.approval_envelope(), "");
  EXPECT_EQ(node_.coordinator.node_seq(), signed_before);
  EXPECT_EQ(node_.Status().connection(), "connected");
}

TEST_F(DaemonWitnessTest, IncidentDuringATrainingKeepsItsUpdateHere) {
  node_.Start();
  node_.Offer();
  AskToCosign(0, 2);
  node_.trainer.during_train = [this] { node_.coordinator.AskToCosignForgery(2, 2); };
  node_.Train();
  EXPECT_EQ(node_.trainer.trainings, 1);
  // The lie came while values were made: whichever came first, no entry was signed after it.
  EXPECT_EQ(node_.coordinator.Count(Body::kContribution), 0);
  EXPECT_EQ(node_.coordinator.Last(Body::kTaskFailure)->task_failure().code(), "ledger-inconsistent");
}

TEST_F(DaemonWitnessTest, StopSurvivesARestartAndEndsWithADecision) {
  node_.Start();
  Lie();
  node_.Kill();
  node_.Start();
  node_.Offer();
  EXPECT_EQ(node_.coordinator.node_seq(), 0);
  ASSERT_THAT(Decide("stay-stopped"), IsOk());
  node_.Offer();
  EXPECT_EQ(node_.coordinator.node_seq(), 0);
  ASSERT_THAT(Decide("go-on"), IsOk());
  node_.Offer();
  EXPECT_EQ(node_.coordinator.node_seq(), 1);
  EXPECT_EQ(node_.coordinator.hellos.back().incident(), "");
}

TEST_F(DaemonWitnessTest, AcceptedRestoreSetsTheHeadBackToWhatWasCosigned) {
  node_.Start();
  AskToCosign(0, 2);
  node_.RunRound();
  ASSERT_GT(ledger::ReadCheckpoint(node_.Status().ledger_checkpoint())->size, 2);
  node_.coordinator.AskToCosignForgery(2, 2);
  node_.RunUntilIdle();
  ASSERT_THAT(Decide("accept-restored"), IsOk());
  EXPECT_EQ(ledger::ReadCheckpoint(node_.Status().ledger_checkpoint())->size, 2);
  EXPECT_EQ(node_.coordinator.hellos.back().head_size(), 2);
  EXPECT_EQ(node_.coordinator.hellos.back().newest_receipt(), "");
}

TEST_F(DaemonWitnessTest, RestoreCanBeAcceptedWhereNoIncidentIsOpen) {
  node_.Start();
  AskToCosign(0, 2);
  node_.RunRound();
  ASSERT_THAT(node_.daemon().ResolveIncident("restored", "accept-restored", "archivist"), IsOk());
  node_.Advance(absl::Seconds(1));
  EXPECT_EQ(node_.coordinator.hellos.back().head_size(), 2);
  EXPECT_EQ(node_.incidents().OpenId(), "");
  ASSERT_THAT(node_.incidents().List(), SizeIs(1));
  EXPECT_EQ(node_.incidents().List()[0].by, "archivist");
}

TEST_F(DaemonWitnessTest, StaffEntryIsSentAndItsOutcomeComesBack) {
  node_.Start();
  AskToCosign(0, 2);
  absl::StatusOr<v1::EntryOutcome> answered = absl::UnknownError("no answer");
  node_.daemon().SubmitStaffEntry(StaffEntry(node_.approval_key()),
                                  [&](absl::StatusOr<v1::EntryOutcome> outcome) { answered = outcome; });
  node_.RunUntilIdle();
  ASSERT_THAT(answered, IsOk());
  EXPECT_TRUE(answered->logged());
  EXPECT_THAT(node_.incidents().List(), IsEmpty());
}

TEST_F(DaemonWitnessTest, StaffEntryUnderAnotherKeyOrOfAnotherKindIsNotSent) {
  node_.Start();
  AskToCosign(0, 2);
  std::vector<absl::Status> answers;
  const auto keep = [&](absl::StatusOr<v1::EntryOutcome> outcome) { answers.push_back(outcome.status()); };
  node_.daemon().SubmitStaffEntry(StaffEntry(SigningKey::Generate("archive-uk-1.test.example/approval")),
                                  keep);
  node_.daemon().SubmitStaffEntry(StaffEntry(node_.approval_key(), ledger::Kind::kApproval), keep);
  node_.RunUntilIdle();
  ASSERT_THAT(answers, SizeIs(2));
  EXPECT_THAT(answers[0], StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("approval key")));
  EXPECT_THAT(answers[1],
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("withdrawals and erasures")));
  EXPECT_EQ(node_.coordinator.Count(Body::kStaffEntry), 0);
}

TEST_F(DaemonWitnessTest, StaffEntryWithoutAnAnswerSaysSoInTime) {
  node_.coordinator.answers_outcomes = false;
  node_.Start();
  AskToCosign(0, 2);
  absl::Status answered;
  node_.daemon().SubmitStaffEntry(
      StaffEntry(node_.approval_key()),
      [&](absl::StatusOr<v1::EntryOutcome> outcome) { answered = outcome.status(); });
  node_.Advance(StaffEntries::kAnswerWithin);
  EXPECT_THAT(answered, StatusIs(absl::StatusCode::kUnavailable, HasSubstr("may be in the ledger")));
}

TEST_F(DaemonWitnessTest, NewEntryKeySignsOnceTheLedgerHasIt) {
  node_.Start();
  AskToCosign(0, 2);
  node_.Offer();
  node_.Kill();
  node_.next_entry_key = SigningKey::Generate("archive-uk-1.test.example/entries");
  node_.Start();
  const v1::Envelope* rotation = node_.coordinator.Last(Body::kKeyRotation);
  ASSERT_NE(rotation, nullptr);
  // Signed by the old key, in the archive's series, and of the next number.
  EXPECT_EQ(EntrySigner::NumberOf(rotation->key_rotation().envelope()), 2);
  const auto statement = ledger::ReadEntry(rotation->key_rotation().envelope());
  EXPECT_EQ(nlohmann::json::parse(statement->predicate)["new_vkey"],
            node_.next_entry_key->verifier().ToString());
  node_.Train();
  EXPECT_THAT(node_.coordinator.Last(Body::kContribution)->contribution().envelope(),
              HasSubstr(node_.next_entry_key->verifier().KeyId()));
  EXPECT_EQ(node_.coordinator.refused_entries, 0);
  node_.Kill();
  node_.Start();  // the mirror does not hold the rotation yet, and it is not asked for again
  EXPECT_EQ(node_.coordinator.Count(Body::kKeyRotation), 1);
}

TEST_F(DaemonWitnessTest, RotationThatTheLedgerRefusesLeavesTheOldKeyInUse) {
  node_.Start();
  AskToCosign(0, 2);
  node_.Kill();
  node_.coordinator.logs_other_entries = false;
  node_.next_entry_key = SigningKey::Generate("archive-uk-1.test.example/entries");
  node_.Start();
  node_.coordinator.logs_other_entries = true;
  node_.Offer();
  EXPECT_EQ(node_.coordinator.node_seq(), 1);
  EXPECT_THAT(node_.coordinator.Last(Body::kOfferAnswer)->offer_answer().approval_envelope(),
              ::testing::Not(HasSubstr(node_.next_entry_key->verifier().KeyId())));
}

}  // namespace
}  // namespace consort::node
