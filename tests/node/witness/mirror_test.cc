#include "node/witness/mirror.h"

#include "common/ledger/verify.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/common/ledger/sample_changes.h"
#include "tests/node/witness/witness_under_test.h"
#include "tests/support/status_matchers.h"

namespace consort::node {
namespace {

using consort::testing::IsOk;
using consort::testing::kOrigin;
using consort::testing::SampleChanges;
using consort::testing::SampleLedger;

class MirrorTest : public ::testing::Test {
 protected:
  std::unique_ptr<Mirror> Open() {
    return Mirror::Open(directory_.Path("mirror"),
                        {kOrigin, {ledger_.log_key().verifier()}, {ledger_.coordinator_key().verifier()}})
        .value();
  }
  // What the coordinator would export: the keys as the entries name them, the checkpoints as they were
  // sealed.
  std::map<std::string, std::string> Exported(const Mirror& mirror) {
    ledger::ExportSource source = ledger_.Source();
    source.keys = ExportKeysOf(mirror.follower());
    EXPECT_THAT(ledger::WriteExport(source, directory_.Path("export")), IsOk());
    return FilesUnder(directory_.Path("export"));
  }

  testing::TemporaryDirectory directory_;
  SampleLedger ledger_;
  ListSource source_;
};

TEST_F(MirrorTest, IsTheExportByteForByte) {
  const auto mirror = Open();
  ledger_.AddUntilRoundOpen();
  source_.entries = ledger_.entries();
  ASSERT_THAT(mirror->Fetch(8, source_), IsOk());
  ASSERT_THAT(mirror->Store(ledger_.checkpoints()[0], source_), IsOk());
  EXPECT_EQ(FilesUnder(directory_.Path("mirror")), Exported(*mirror));
}

TEST_F(MirrorTest, GrowsIntoTheSameExport) {
  const auto mirror = Open();
  ledger_.AddAll();
  source_.entries = ledger_.entries();
  ASSERT_THAT(mirror->Fetch(8, source_), IsOk());
  ASSERT_THAT(mirror->Store(ledger_.checkpoints()[0], source_), IsOk());
  ASSERT_THAT(mirror->Fetch(17, source_), IsOk());
  ASSERT_THAT(mirror->Store(ledger_.checkpoints()[1], source_), IsOk());
  // An export that was made at 8 too, and grown.
  SampleLedger earlier;
  earlier.AddUntilRoundOpen();
  ledger::ExportSource at_eight = earlier.Source();
  at_eight.keys = ExportKeysOf(mirror->follower());
  ASSERT_THAT(ledger::WriteExport(at_eight, directory_.Path("export")), IsOk());
  EXPECT_EQ(FilesUnder(directory_.Path("mirror")), Exported(*mirror));
}

TEST_F(MirrorTest, PassesTheVerifierWithKeysThatWereRotated) {
  ledger_.AddAll();
  const SampleChanges changes(ledger_);
  AddChanges(ledger_, changes);
  ledger_.Seal(changes.new_log());
  source_.entries = ledger_.entries();
  const auto mirror = Open();
  ASSERT_THAT(mirror->Fetch(ledger_.size(), source_), IsOk());
  ASSERT_THAT(mirror->Store(ledger_.checkpoints().back(), source_), IsOk());
  const auto report = ledger::VerifyExport({.directory = directory_.Path("mirror")});
  ASSERT_THAT(report, IsOk());
  for (const ledger::Check& check : report->checks)
    EXPECT_TRUE(check.passed) << check.id << ": " << check.detail;
  EXPECT_EQ(report->size, ledger_.size());
}

TEST_F(MirrorTest, IsReadAgainAsItWasStored) {
  ledger_.AddAll();
  source_.entries = ledger_.entries();
  {
    const auto mirror = Open();
    ASSERT_THAT(mirror->Fetch(17, source_), IsOk());
    ASSERT_THAT(mirror->Store(ledger_.checkpoints()[1], source_), IsOk());
  }
  const auto again = Open();
  EXPECT_EQ(again->stored_size(), 17);
  EXPECT_EQ(again->note(), ledger_.checkpoints()[1]);
  EXPECT_EQ(again->follower().LeafHashAt(16), ledger::LeafHash(ledger_.entries()[16]));
}

TEST_F(MirrorTest, RewindForgetsWhatWasNotStored) {
  ledger_.AddAll();
  source_.entries = ledger_.entries();
  const auto mirror = Open();
  ASSERT_THAT(mirror->Fetch(17, source_), IsOk());
  ASSERT_THAT(mirror->Rewind(), IsOk());
  EXPECT_EQ(mirror->follower().size(), 0);
  ASSERT_THAT(mirror->Fetch(8, source_), IsOk());
  EXPECT_EQ(mirror->follower().size(), 8);
}

}  // namespace
}  // namespace consort::node
