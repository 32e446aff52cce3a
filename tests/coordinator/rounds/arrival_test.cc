// Entries of archives on arrival: what keeps the rules becomes a leaf, the rest leaves no trace in the ledger
// and frees its number; every one is answered.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/crypto/digest.h"
#include "tests/coordinator/rounds/federation.h"
#include "tests/support/status_matchers.h"

namespace consort::coordinator::testing {
namespace {

using ::consort::testing::IsOk;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Property;
using ::testing::SizeIs;
using ::testing::StartsWith;

class ArrivalTest : public ::testing::Test {
 protected:
  std::string RunJob(uint32_t quorum = 2) {
    federation_.Start();
    v1::JobSpec spec = federation_.Spec();
    spec.set_rounds(1);
    spec.set_quorum(quorum);
    return federation_.Submit(spec);
  }

  Federation federation_;
  FakeArchive& uk_ = federation_.AddArchive("archive-uk-1", "harp");
  FakeArchive& cn_ = federation_.AddArchive("archive-cn-1", "dizi");
};

TEST_F(ArrivalTest, EveryEntryThatNeedsNoVerdictIsAnsweredWithItsReceipt) {
  RunJob();
  ASSERT_THAT(uk_.outcomes, SizeIs(2));  // approval and evaluation
  uint64_t node_seq = 0;
  for (const v1::EntryOutcome& outcome : uk_.outcomes) {
    EXPECT_TRUE(outcome.logged());
    EXPECT_GT(outcome.node_seq(), node_seq);
    node_seq = outcome.node_seq();
    EXPECT_THAT(outcome.payload_digest(), SizeIs(64));
    const auto receipt = ledger::OpenEntry(outcome.receipt_envelope(), {federation_.entry_key().verifier()});
    ASSERT_THAT(receipt, IsOk());
    EXPECT_EQ(receipt->statement.kind, ledger::Kind::kReceipt);
  }
}

TEST_F(ArrivalTest, AnEvaluationOfAnotherModelIsNoLeafAndFreesItsNumber) {
  uk_.faults.after_digest = std::string(64, 'c');
  const v1::JobStatus job = federation_.Job(RunJob());
  EXPECT_EQ(job.state(), v1::JOB_STATE_COMPLETED) << job.reason();
  EXPECT_THAT(federation_.Entries("evaluation"), SizeIs(1));
  ASSERT_THAT(uk_.outcomes, SizeIs(2));
  EXPECT_FALSE(uk_.outcomes[1].logged());
  EXPECT_THAT(uk_.outcomes[1].reason(), StartsWith("against-rules: evaluation is of a model"));
  EXPECT_THAT(uk_.outcomes[1].receipt_envelope(), IsEmpty());
  EXPECT_EQ(uk_.outcomes[1].node_seq(), uk_.node_seq() + 1);
}

TEST_F(ArrivalTest, AnArchiveGoesOnAfterARefusalWithTheNumberThatIsFree) {
  uk_.faults.contribution = [](nlohmann::json& predicate) { predicate["round"] = 9; };
  const v1::JobStatus job = federation_.Job(RunJob(1));
  EXPECT_EQ(job.state(), v1::JOB_STATE_COMPLETED) << job.reason();
  EXPECT_THAT(federation_.Entries("contribution"), SizeIs(1));
  EXPECT_THAT(federation_.Entries("evaluation"), SizeIs(2));
  EXPECT_THAT(uk_.outcomes, Each(Property(&v1::EntryOutcome::logged, true)));
}

TEST_F(ArrivalTest, AnswersToAJobThatNobodyKnowsAreRefused) {
  RunJob();
  v1::Envelope stranger;
  stranger.set_request_id("r");
  stranger.mutable_offer_answer()->set_job_id(std::string(32, '9'));
  stranger.mutable_offer_answer()->set_approval_envelope("{}");
  federation_.engine().OnMessage("archive-uk-1", stranger);
  federation_.Run();
  EXPECT_FALSE(uk_.outcomes.back().logged());
  EXPECT_THAT(uk_.outcomes.back().reason(), HasSubstr("no such offer"));
  EXPECT_EQ(uk_.received.back().request_id(), "r");
}

TEST_F(ArrivalTest, AnEntryThatComesAgainGetsTheSameReceiptAgain) {
  RunJob();
  const size_t leaves = federation_.Entries("evaluation").size();
  v1::Envelope again;
  for (const v1::Envelope& sent : uk_.sent) {
    if (sent.has_evaluation_report()) again = sent;
  }
  federation_.engine().OnMessage("archive-uk-1", again);
  federation_.Run();
  ASSERT_THAT(uk_.outcomes, SizeIs(3));
  EXPECT_EQ(uk_.outcomes[2].SerializeAsString(), uk_.outcomes[1].SerializeAsString());
  EXPECT_THAT(uk_.outcomes[2].receipt_envelope(), Not(IsEmpty()));
  EXPECT_THAT(federation_.Entries("evaluation"), SizeIs(leaves));
}

}  // namespace
}  // namespace consort::coordinator::testing
