#include "cli/fetch/ledger_fetch.h"

#include <filesystem>
#include <set>

#include "common/ledger/export.h"
#include "common/ledger/verify.h"
#include "gmock/gmock.h"
#include "tests/common/ledger/sample_changes.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::cli {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::ReadFileOrDie;
using ::consort::testing::SampleChanges;
using ::consort::testing::SampleLedger;
using ::consort::testing::StatusIs;
using ::consort::testing::TemporaryDirectory;
using ::consort::testing::WriteFileOrDie;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::vector<std::string> PathsOf(uint64_t size) {
  std::vector<std::string> paths;
  for (const TileName& tile : TilesOf(size))
    paths.push_back(ledger::TilePath(tile.level, tile.n, tile.width));
  return paths;
}

TEST(TilesOfTest, AreThoseThatTlogTilesNames) {
  EXPECT_THAT(PathsOf(0), ::testing::IsEmpty());
  EXPECT_THAT(PathsOf(17), ::testing::ElementsAre("tile/entries/000.p/17", "tile/0/000.p/17"));
  EXPECT_THAT(PathsOf(256), ::testing::ElementsAre("tile/entries/000", "tile/0/000", "tile/1/000.p/1"));
  // C2SP's example: 70,000 entries have 273 full tiles and one of 112 at level 0, 1 and one of 17 at level 1,
  // one of 1 at level 2; the entries as level 0.
  const std::vector<std::string> large = PathsOf(70'000);
  EXPECT_EQ(large.size(), 274u + 274u + 2u + 1u);
  EXPECT_THAT(large, Contains("tile/0/273.p/112"));
  EXPECT_THAT(large, Contains("tile/1/001.p/17"));
  EXPECT_THAT(large, Contains("tile/2/000.p/1"));
}

// A published ledger of 300 entries, "served" from a folder.
class LedgerFetchTest : public ::testing::Test {
 protected:
  LedgerFetchTest() {
    ledger_.AddAll();
    while (ledger_.size() < 300) {
      testing::Draft draft = SampleChanges(ledger_).Incident();
      draft.predicate["number"] = ledger_.size();
      EXPECT_THAT(ledger_.Add(draft), IsOk());
    }
    ledger_.Seal();
    EXPECT_THAT(ledger::WriteExport(ledger_.Source(), Server("")), IsOk());
  }
  std::string Server(const std::string& path) const { return directory_.Path("server/" + path); }
  std::string Here() const { return directory_.Path("here"); }
  absl::Status Fetch() {
    return FetchLedger(
        [this](const std::string& path, size_t max_bytes) -> absl::StatusOr<std::string> {
          asked_.push_back(path);
          if (!std::filesystem::exists(Server(path))) return absl::NotFoundError(path);
          std::string bytes = ReadFileOrDie(Server(path));
          if (bytes.size() > max_bytes) return absl::ResourceExhaustedError(path);
          return bytes;
        },
        Here(), [](uint64_t, uint64_t) {});
  }

  const TemporaryDirectory directory_;
  SampleLedger ledger_;
  std::vector<std::string> asked_;
};

TEST_F(LedgerFetchTest, WhatWasFetchedVerifiesAndNothingElseWasAskedFor) {
  ASSERT_THAT(Fetch(), IsOk());
  const auto report = ledger::VerifyExport({.directory = Here()});
  ASSERT_THAT(report, IsOk());
  EXPECT_TRUE(report->passed());
  EXPECT_EQ(report->size, 300u);
  EXPECT_EQ(asked_.size(), 1u + 4u + 2u + 2u + 1u);  // by hand: checkpoint, keys, entries, levels 0 and 1
}

TEST_F(LedgerFetchTest, FullTilesAreFetchedOnce) {
  ASSERT_THAT(Fetch(), IsOk());
  asked_.clear();
  ASSERT_THAT(Fetch(), IsOk());
  EXPECT_THAT(asked_, Not(Contains("tile/entries/000")));
  EXPECT_THAT(asked_, Contains("tile/entries/001.p/44"));
}

TEST_F(LedgerFetchTest, AFullTileStandsInForAPartialOneThatIsGone) {
  std::filesystem::rename(Server("tile/0/001.p/44"), Server("tile/0/001"));
  std::filesystem::remove(Server("tile/0/001.p"));
  ASSERT_THAT(Fetch(), IsOk());
  EXPECT_TRUE(std::filesystem::exists(Here() + "/tile/0/001"));
}

TEST_F(LedgerFetchTest, AMissingTileIsNamedAndNoCheckpointIsLeft) {
  std::filesystem::remove(Server("tile/1/000.p/1"));
  EXPECT_THAT(Fetch(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("tile/1/000.p/1")));
  EXPECT_FALSE(std::filesystem::exists(Here() + "/checkpoint"));
}

TEST_F(LedgerFetchTest, AnImmenseSizeIsRefusedBeforeAnyTile) {
  const std::string note = ReadFileOrDie(Server("checkpoint"));
  std::string immense = note;
  immense.replace(immense.find("\n300\n"), 5, "\n99999999999\n");
  WriteFileOrDie(Server("checkpoint"), immense);
  EXPECT_THAT(Fetch(), StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("copy it on a disk")));
  EXPECT_THAT(asked_, ::testing::ElementsAre("checkpoint"));
}

}  // namespace
}  // namespace consort::cli
