#include "common/ledger/export.h"

#include <sys/stat.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/entry.h"
#include "common/ledger/merkle_tree.h"
#include "common/ledger/verify.h"
#include "tests/common/ledger/numbers.h"
#include "tests/common/ledger/sample_ledger.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::ledger {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::Numbers;
using ::consort::testing::ReadFileOrDie;
using ::consort::testing::SampleLedger;
using ::consort::testing::StatusIs;
using ::consort::testing::TemporaryDirectory;
using ::consort::testing::WriteFileOrDie;
using ::testing::_;
using ::testing::HasSubstr;

// C2SP tlog-tiles, its example for N = 1234067.
TEST(TilePathTest, IsTheOneOfC2sp) {
  EXPECT_EQ(TilePath("0", 0, 256), "tile/0/000");
  EXPECT_EQ(TilePath("entries", 1234067, 256), "tile/entries/x001/x234/067");
  EXPECT_EQ(TilePath("0", 273, 112), "tile/0/273.p/112");
  EXPECT_EQ(TilePath("1", 1000, 1), "tile/1/x001/000.p/1");
}

TEST(ExportTest, WritesTheTilesThatTheSizeAsksFor) {
  TemporaryDirectory directory;
  Numbers log(700);
  ASSERT_THAT(WriteExport(log.Source({256, 700}), directory.path()), IsOk());
  // By hand: 700 = 2 * 256 + 188; level 1 holds the 2 roots of the full tiles.
  EXPECT_EQ(ReadFileOrDie(directory.Path("tile/0/000")).size(), 256u * 32);
  EXPECT_EQ(ReadFileOrDie(directory.Path("tile/0/001")).size(), 256u * 32);
  EXPECT_EQ(ReadFileOrDie(directory.Path("tile/0/002.p/188")).size(), 188u * 32);
  EXPECT_EQ(ReadFileOrDie(directory.Path("tile/1/000.p/2")),
            absl::StrCat(ViewOf(log.tree.Subtree(8, 0).value()), ViewOf(log.tree.Subtree(8, 1).value())));
  EXPECT_EQ(ReadFileOrDie(directory.Path("tile/0/002.p/188")).substr(0, 32), ViewOf(LeafHash("entry 512")));
  EXPECT_EQ(ReadFileOrDie(directory.Path("tile/entries/002.p/188")).substr(0, 11),
            absl::StrCat(std::string("\0\x09", 2), "entry 512"));
  EXPECT_EQ(ReadFileOrDie(directory.Path("checkpoint")), ReadFileOrDie(directory.Path("checkpoints/700")));
  EXPECT_EQ(ReadCheckpoint(ReadFileOrDie(directory.Path("checkpoints/256")))->size, 256u);
  EXPECT_EQ(ReadFileOrDie(directory.Path("keys/log.vkey")), log.key.verifier().ToString() + "\n");
}

TEST(ExportTest, FilesAreForEverybodyToRead) {
  TemporaryDirectory directory;
  Numbers log(3);
  ASSERT_THAT(WriteExport(log.Source({3}), directory.path()), IsOk());
  struct stat facts {};
  ASSERT_EQ(stat(directory.Path("tile/0/000.p/3").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0644u);
}

TEST(ExportTest, RepeatingLeavesTheFilesAloneAndGrowingDropsPartialTilesThatAreFull) {
  TemporaryDirectory directory;
  Numbers log(200);
  ASSERT_THAT(WriteExport(log.Source({200}), directory.path()), IsOk());
  const auto written = std::filesystem::last_write_time(directory.Path("tile/0/000.p/200"));
  ASSERT_THAT(WriteExport(log.Source({200}), directory.path()), IsOk());
  EXPECT_EQ(std::filesystem::last_write_time(directory.Path("tile/0/000.p/200")), written);

  while (log.entries.size() < 300) log.Append();
  ASSERT_THAT(WriteExport(log.Source({200, 300}), directory.path()), IsOk());
  EXPECT_FALSE(std::filesystem::exists(directory.Path("tile/0/000.p")));
  EXPECT_FALSE(std::filesystem::exists(directory.Path("tile/entries/000.p")));
  EXPECT_TRUE(std::filesystem::exists(directory.Path("tile/0/001.p/44")));
  EXPECT_EQ(ReadCheckpoint(ReadFileOrDie(directory.Path("checkpoint")))->size, 300u);
}

TEST(ExportTest, NeedsACheckpoint) {
  TemporaryDirectory directory;
  Numbers log(3);
  EXPECT_THAT(WriteExport(log.Source({}), directory.path()),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("checkpoint")));
}

TEST(ExportTest, WritesNothingWhenTheEntriesDoNotGiveTheRoot) {
  TemporaryDirectory directory;
  Numbers log(10);
  const ExportSource source = log.Source({4, 10});
  log.entries[2] = "another";
  EXPECT_THAT(WriteExport(source, directory.path()),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("size 4")));
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
}

TEST(ExportTest, CheckpointsMustGrowAndBeSignedByTheGivenKey) {
  TemporaryDirectory directory;
  Numbers log(10);
  EXPECT_THAT(WriteExport(log.Source({10, 4}), directory.path()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("growing")));
  ExportSource source = log.Source({10});
  source.keys.log_vkeys = {SigningKey::Generate("log").verifier().ToString()};
  EXPECT_THAT(WriteExport(source, directory.path()), StatusIs(absl::StatusCode::kUnauthenticated, _));
}

TEST(ExportTest, NeverTakesAPublishedHistoryBack) {
  TemporaryDirectory directory;
  Numbers log(10);
  ASSERT_THAT(WriteExport(log.Source({10}), directory.path()), IsOk());
  EXPECT_THAT(WriteExport(log.Source({4}), directory.path()),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("longer")));
  EXPECT_EQ(ReadCheckpoint(ReadFileOrDie(directory.Path("checkpoint")))->size, 10u);
}

TEST(ExportTest, DamagedTileIsKeptAsEvidence) {
  TemporaryDirectory directory;
  Numbers log(10);
  ASSERT_THAT(WriteExport(log.Source({10}), directory.path()), IsOk());
  WriteFileOrDie(directory.Path("tile/0/000.p/10"), "damaged");
  EXPECT_THAT(WriteExport(log.Source({10}), directory.path()),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("evidence")));
  EXPECT_EQ(ReadFileOrDie(directory.Path("tile/0/000.p/10")), "damaged");
}

TEST(ExportTest, ErrorsOfTheSourceEndIt) {
  TemporaryDirectory directory;
  Numbers log(3);
  ExportSource source = log.Source({3});
  source.read = [](uint64_t, uint64_t, const auto&) { return absl::UnavailableError("store is closed"); };
  EXPECT_THAT(WriteExport(source, directory.path()),
              StatusIs(absl::StatusCode::kUnavailable, "store is closed"));
}

TEST(ReadExportEntriesTest, GivesTheEntriesInOrder) {
  TemporaryDirectory directory;
  Numbers log(520);
  ASSERT_THAT(WriteExport(log.Source({520}), directory.path()), IsOk());
  std::vector<std::string> read;
  ASSERT_THAT(ReadExportEntries(directory.path(),
                                [&](uint64_t index, absl::string_view entry) {
                                  EXPECT_EQ(index, read.size());
                                  read.emplace_back(entry);
                                  return absl::OkStatus();
                                }),
              IsOk());
  EXPECT_EQ(read, log.entries);
}

TEST(ReadExportEntriesTest, SaysWhichBundleIsMissingOrDamaged) {
  TemporaryDirectory directory;
  Numbers log(300);
  ASSERT_THAT(WriteExport(log.Source({300}), directory.path()), IsOk());
  const auto take = [](uint64_t, absl::string_view) { return absl::OkStatus(); };
  WriteFileOrDie(directory.Path("tile/entries/001.p/44"), "cut");
  EXPECT_THAT(ReadExportEntries(directory.path(), take),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("first leaf 256")));
  std::filesystem::remove(directory.Path("tile/entries/001.p/44"));
  EXPECT_THAT(ReadExportEntries(directory.path(), take),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("tile/entries/001.p/44")));
  EXPECT_THAT(ReadExportEntries(directory.Path("none"), take), StatusIs(absl::StatusCode::kNotFound, _));
}

}  // namespace
}  // namespace consort::ledger
