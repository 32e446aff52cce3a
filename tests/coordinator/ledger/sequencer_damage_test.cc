// What the sequencer does when the stored bytes have changed under it.
#include <sqlite3.h>

#include "absl/strings/str_cat.h"
#include "coordinator/ledger/sequencer.h"
#include "coordinator/store/sqlite_store.h"
#include "gtest/gtest.h"
#include "tests/coordinator/ledger/test_ledger.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::coordinator {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;
using testing::TestLedger;

// Changes a database behind the back of the program, its triggers removed.
void Tamper(const std::string& path, const std::string& sql) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  const std::string script = absl::StrCat(
      "DROP TRIGGER leaf_is_never_changed; DROP TRIGGER leaf_is_never_removed;"
      "DROP TRIGGER checkpoint_is_never_changed; DROP TRIGGER checkpoint_is_never_removed;",
      sql);
  char* error = nullptr;
  ASSERT_EQ(sqlite3_exec(database, script.c_str(), nullptr, nullptr, &error), SQLITE_OK) << error;
  sqlite3_close(database);
}

class SequencerDamageTest : public ::testing::TestWithParam<const char*> {
 protected:
  testing::TemporaryDirectory directory_;
  std::string path_ = directory_.Path("consort.db");
};

TEST_P(SequencerDamageTest, IsFoundWhenTheLedgerIsOpened) {
  {
    TestLedger ledger(path_);
    for (int i = 0; i < 5; ++i) ledger.Append(absl::StrCat("entry-", i));
    ASSERT_THAT(ledger.sequencer().Seal(), IsOk());
  }
  Tamper(path_, GetParam());
  auto store = SqliteStore::Open(path_).value();
  TestLedger keys;
  EXPECT_THAT(
      Sequencer::Open(*store, keys.identity(), keys.log_key(), keys.entry_key(), keys.executor()).status(),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("ledger-damaged")));
}

INSTANTIATE_TEST_SUITE_P(
    Damages, SequencerDamageTest,
    ::testing::Values("UPDATE leaf SET body = CAST(body || ' ' AS BLOB) WHERE leaf_index = 2",
                      "UPDATE leaf SET hash = zeroblob(32) WHERE leaf_index = 4",
                      "DELETE FROM leaf WHERE leaf_index = 7; UPDATE head SET size = 7",
                      "DELETE FROM leaf WHERE leaf_index = 7",
                      "UPDATE node_hash SET hash = zeroblob(32) WHERE level = 2",
                      "DELETE FROM node_hash WHERE level = 1 AND n = 0",
                      "UPDATE checkpoint SET root = zeroblob(32)"));

TEST(SequencerSealTest, DamageSinceTheLastSealIsNeverSigned) {
  testing::TemporaryDirectory directory;
  const std::string path = directory.Path("consort.db");
  TestLedger ledger(path);
  ledger.Append("a");
  ASSERT_THAT(ledger.sequencer().Seal(), IsOk());
  ledger.Append("b");
  Tamper(path, "UPDATE leaf SET body = CAST(body || ' ' AS BLOB) WHERE leaf_index = 4");
  EXPECT_THAT(ledger.sequencer().Seal().status(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("leaf 4")));
}

TEST(SequencerSealTest, AFailedTimedSealIsReported) {
  testing::TemporaryDirectory directory;
  const std::string path = directory.Path("consort.db");
  TestLedger ledger(path);
  absl::Status reported;
  ledger.sequencer().OnSealFailure([&](const absl::Status& status) { reported = status; });
  ledger.sequencer().SealEvery(absl::Seconds(10));
  ledger.Append("a");
  Tamper(path, "UPDATE leaf SET hash = zeroblob(32)");
  ledger.executor().Advance(absl::Seconds(10));
  EXPECT_THAT(reported, StatusIs(absl::StatusCode::kDataLoss, ::testing::_));
}

TEST(SequencerReopenTest, AWholeLedgerOpensAgainAndGoesOn) {
  testing::TemporaryDirectory directory;
  const std::string path = directory.Path("consort.db");
  {
    TestLedger ledger(path);
    for (int i = 0; i < 6; ++i) ledger.Append(absl::StrCat("entry-", i));
    ASSERT_THAT(ledger.sequencer().Seal(), IsOk());
    ledger.Append("after the seal");
  }
  TestLedger again(path);
  EXPECT_EQ(again.Append("next").index, 10u);
  EXPECT_EQ(again.sequencer().Seal()->size, 11u);
}

}  // namespace
}  // namespace consort::coordinator
