#include "node/witness/receipts.h"

#include "common/crypto/digest.h"
#include "common/ledger/merkle_tree.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/common/ledger/sample_ledger.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::node {
namespace {

using consort::testing::IsOk;
using consort::testing::kOrigin;
using consort::testing::kUk;
using consort::testing::SampleLedger;
using consort::testing::StatusIs;
using ::testing::_;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class ReceiptsTest : public ::testing::Test {
 protected:
  ReceiptsTest() { ledger_.AddUntilRoundOpen(); }
  Receipts Open() { return Receipts::Open(directory_.Path("receipts")).value(); }
  absl::StatusOr<Receipt> Read(const std::string& envelope, const std::string& origin = kOrigin) {
    return OpenReceipt(envelope, {ledger_.coordinator_key().verifier()}, origin);
  }

  testing::TemporaryDirectory directory_;
  SampleLedger ledger_;
};

TEST_F(ReceiptsTest, ReceiptSaysIndexAndLeafHash) {
  const auto receipt = Read(ledger_.Receipt(4));
  ASSERT_THAT(receipt, IsOk());
  EXPECT_EQ(receipt->index, 4);
  EXPECT_EQ(receipt->leaf_hash, HexOf(ledger::LeafHash(ledger_.entries()[4])));
}

TEST_F(ReceiptsTest, ReceiptOfAnotherLogOrKindOrSignerIsNone) {
  EXPECT_THAT(Read(ledger_.Receipt(4), "ledger.demo/other"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("another log")));
  EXPECT_THAT(Read(ledger_.entries()[3]),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("another kind")));
  EXPECT_THAT(Read(ledger_.entries()[4]), StatusIs(absl::StatusCode::kUnauthenticated, _));
}

TEST_F(ReceiptsTest, KeptReceiptsSurviveARestart) {
  {
    Receipts receipts = Open();
    ASSERT_THAT(receipts.Keep(*Read(ledger_.Receipt(4)), ledger_.Receipt(4)), IsOk());
    ASSERT_THAT(receipts.Keep(*Read(ledger_.Receipt(5)), ledger_.Receipt(5)), IsOk());
    ASSERT_THAT(receipts.Remove(4), IsOk());
  }
  const Receipts again = Open();
  ASSERT_THAT(again.pending(), SizeIs(1));
  EXPECT_EQ(again.pending().at(5).envelope, ledger_.Receipt(5));
  EXPECT_EQ(again.newest(), ledger_.Receipt(5));
}

TEST_F(ReceiptsTest, DamagedReceiptIsAnErrorAndNotForgotten) {
  {
    Receipts receipts = Open();
    ASSERT_THAT(receipts.Keep(*Read(ledger_.Receipt(4)), ledger_.Receipt(4)), IsOk());
  }
  testing::WriteFileOrDie(directory_.Path("receipts/4.json"), "{}");
  EXPECT_THAT(Receipts::Open(directory_.Path("receipts")).status(), StatusIs(absl::StatusCode::kDataLoss, _));
}

}  // namespace
}  // namespace consort::node
