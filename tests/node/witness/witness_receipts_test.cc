// Promises that the log made to this archive, kept and broken.
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/node/witness/witness_under_test.h"
#include "tests/support/status_matchers.h"

namespace consort::node {
namespace {

using consort::testing::IsOk;
using consort::testing::kCn;
using consort::testing::kUk;
using consort::testing::SampleLedger;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// The ledger ends with our contribution at index 8, not yet mirrored; `other` has another entry there.
class WitnessReceiptsTest : public ::testing::Test, protected WitnessUnderTest {
 protected:
  void SetUp() override {
    ASSERT_THAT(Start(), IsOk());
    ledger.AddUntilRoundOpen();
    Publish();
    ASSERT_EQ(Ask(0).status, 200);
    ledger.AddGood(ledger.Contribution(kUk));
    ledger.Seal();
    entry = ledger.entries()[8];
    receipt = ledger.Receipt(8);
    other.AddUntilRoundOpen();
    other.AddGood(other.Contribution(kCn));
    other.Seal();
  }
  std::string StoredReceipt() const { return FilesUnder(Path("ledger/receipts"))["8.json"]; }

  std::string entry;
  std::string receipt;
  SampleLedger other;
};

TEST_F(WitnessReceiptsTest, ReceiptIsKeptUntilTheMirrorHoldsItsLeaf) {
  witness->OnReceipt(entry, receipt);
  EXPECT_EQ(StoredReceipt(), receipt);
  EXPECT_EQ(witness->Facts().newest_receipt, receipt);
  Publish();
  ASSERT_EQ(Ask(8).status, 200);
  EXPECT_EQ(StoredReceipt(), "");
  EXPECT_EQ(witness->Facts().newest_receipt, receipt);
  EXPECT_THAT(raised, IsEmpty());
}

TEST_F(WitnessReceiptsTest, AnotherEntryAtThePromisedIndexIsAnIncidentAndIsNotCosigned) {
  witness->OnReceipt(entry, receipt);
  Publish(other);
  EXPECT_EQ(witness->OnRequest(RequestFor(other, 8)).status, 422);
  ASSERT_THAT(raised, SizeIs(1));
  EXPECT_EQ(raised[0].kind, "receipt-not-honoured");
  EXPECT_EQ(incidents->EvidenceOf(raised[0].id)->at("receipt.json"), receipt);
  EXPECT_EQ(witness->Facts().mirror_size, 8);
}

TEST_F(WitnessReceiptsTest, BrokenPromiseIsCaughtAfterARestartToo) {
  witness->OnReceipt(entry, receipt);
  ASSERT_THAT(Start(), IsOk());
  Publish(other);
  EXPECT_EQ(witness->OnRequest(RequestFor(other, 8)).status, 422);
  ASSERT_THAT(raised, SizeIs(1));
}

TEST_F(WitnessReceiptsTest, AfterADecisionTheLogGoesOnAndTheReceiptIsNoLongerShown) {
  witness->OnReceipt(entry, receipt);
  Publish(other);
  ASSERT_EQ(witness->OnRequest(RequestFor(other, 8)).status, 422);
  ASSERT_THAT(incidents->Resolve(raised[0].id, kDecisionGoOn, "archivist", now()), IsOk());
  EXPECT_EQ(witness->OnRequest(RequestFor(other, 8)).status, 200);
  witness->OnDecided(/*restored=*/false);
  EXPECT_EQ(witness->Facts().newest_receipt, "");
  EXPECT_EQ(incidents->EvidenceOf(raised[0].id)->at("receipt.json"), receipt);
}

TEST_F(WitnessReceiptsTest, ReceiptForAnEntryThatTheMirrorHoldsIsHonouredAtOnce) {
  Publish();
  ASSERT_EQ(Ask(8).status, 200);
  witness->OnReceipt(entry, receipt);
  EXPECT_EQ(StoredReceipt(), "");
  EXPECT_THAT(raised, IsEmpty());
}

TEST_F(WitnessReceiptsTest, AcceptedEntryWithoutAReceiptIsAnIncident) {
  witness->OnReceipt(entry, "");
  ASSERT_THAT(raised, SizeIs(1));
  EXPECT_EQ(raised[0].kind, "receipt-not-honoured");
  EXPECT_EQ(incidents->EvidenceOf(raised[0].id)->at("entry.json"), entry);
}

TEST_F(WitnessReceiptsTest, ReceiptThatTheCoordinatorDidNotSignIsAnIncident) {
  std::string forged = receipt;
  const size_t at = forged.find("\"sig\":\"") + 10;
  forged[at] = forged[at] == 'A' ? 'B' : 'A';
  witness->OnReceipt(entry, forged);
  EXPECT_THAT(raised, SizeIs(1));
}

TEST_F(WitnessReceiptsTest, ReceiptForAnotherEntryIsAnIncident) {
  witness->OnReceipt(entry, ledger.Receipt(4));
  EXPECT_THAT(raised, SizeIs(1));
}

TEST_F(WitnessReceiptsTest, TwoReceiptsForOneIndexAreAnIncident) {
  witness->OnReceipt(entry, receipt);
  witness->OnReceipt(other.entries()[8], other.Receipt(8));
  EXPECT_THAT(raised, SizeIs(1));
}

TEST_F(WitnessReceiptsTest, ReceiptIsOverdueAfterAnHourOfConnectedTime) {
  witness->OnReceipt(entry, receipt);
  witness->OnConnected(absl::Minutes(59));
  EXPECT_THAT(raised, IsEmpty());
  witness->OnConnected(absl::Minutes(1));
  ASSERT_THAT(raised, SizeIs(1));
  EXPECT_EQ(raised[0].kind, "receipt-overdue");
}

TEST_F(WitnessReceiptsTest, TimeInWhichThisNodeCouldNotStoreDoesNotCount) {
  witness->OnReceipt(entry, receipt);
  source.status = absl::UnavailableError("no answer");
  ASSERT_EQ(Ask(8).status, 503);
  witness->OnConnected(absl::Hours(2));
  EXPECT_THAT(raised, IsEmpty());
}

TEST_F(WitnessReceiptsTest, ReceiptsBeyondARestoredLogGoWithTheDecision) {
  witness->OnReceipt(entry, receipt);
  witness->OnConnected(absl::Hours(1));
  ASSERT_THAT(incidents->Resolve(raised[0].id, kDecisionAcceptRestored, "archivist", now()), IsOk());
  witness->OnDecided(/*restored=*/true);
  EXPECT_EQ(StoredReceipt(), "");
  EXPECT_EQ(witness->Facts().newest_receipt, "");
  Publish(other);
  EXPECT_EQ(witness->OnRequest(RequestFor(other, 8)).status, 200);
}

}  // namespace
}  // namespace consort::node
