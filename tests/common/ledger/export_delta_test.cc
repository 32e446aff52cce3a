// An export that grows is, file by file, the export that is written at once.
#include <filesystem>
#include <map>
#include <set>

#include "common/ledger/export.h"
#include "common/ledger/export_layout.h"
#include "common/ledger/note.h"
#include "common/ledger/policy.h"
#include "common/ledger/tile_builder.h"
#include "tests/common/ledger/numbers.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::ledger {
namespace {

namespace fs = std::filesystem;
using ::consort::testing::IsOk;
using ::consort::testing::Numbers;
using ::consort::testing::ReadFileOrDie;
using ::consort::testing::StatusIs;
using ::consort::testing::TemporaryDirectory;
using ::consort::testing::WriteFileOrDie;
using ::testing::_;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

using Files = std::map<std::string, std::string>;  // bytes by path

// Every tile of the first `size` entries, cut in one go.
Files TilesOf(const Numbers& log, uint64_t size) {
  Files tiles;
  TileBuilder builder([&tiles](const Tile& tile) {
    tiles[TilePath(tile.level, tile.n, tile.width)] = tile.bytes;
    return absl::OkStatus();
  });
  for (uint64_t i = 0; i < size; ++i) builder.Append(log.entries[i]).IgnoreError();
  builder.Finish().IgnoreError();
  return tiles;
}

Files FilesOf(const std::string& directory) {
  Files files;
  for (const auto& file : fs::recursive_directory_iterator(directory)) {
    if (file.is_regular_file())
      files[fs::relative(file.path(), directory).string()] = ReadFileOrDie(file.path().string());
  }
  return files;
}

void ExpectHolds(const std::string& directory, const Files& files) {
  for (const auto& [path, bytes] : files) {
    ASSERT_TRUE(fs::exists(absl::StrCat(directory, "/", path))) << path;
    ASSERT_TRUE(ReadFileOrDie(absl::StrCat(directory, "/", path)) == bytes) << path;
  }
}

std::vector<std::string> LastBundle(const Numbers& log, uint64_t size) {
  return {log.entries.begin() + static_cast<int64_t>(size / 256 * 256),
          log.entries.begin() + static_cast<int64_t>(size)};
}

// ---- tiles

TEST(TileResumeTest, GoesOnAsIfItHadNeverStopped) {
  const Numbers log(65'800);
  std::vector<uint64_t> sizes = {65'535, 65'536, 65'537};
  for (uint64_t size = 0; size <= 600; ++size) sizes.push_back(size);
  for (const uint64_t from : sizes) {
    for (const uint64_t to : {from, from + 1, from + 257}) {
      Files resumed;
      auto builder = TileBuilder::Resume(from, CopyTail(from, log.tree.Reader()).value(),
                                         LastBundle(log, from), [&](const Tile& tile) {
                                           resumed[TilePath(tile.level, tile.n, tile.width)] = tile.bytes;
                                           return absl::OkStatus();
                                         });
      ASSERT_THAT(builder, IsOk());
      for (uint64_t i = from; i < to; ++i) ASSERT_THAT(builder->Append(log.entries[i]), IsOk());
      ASSERT_THAT(builder->Finish(), IsOk());
      const Files whole = TilesOf(log, to);
      for (const auto& [path, bytes] : resumed) {
        ASSERT_TRUE(whole.contains(path)) << path << " from " << from << " to " << to;
        ASSERT_TRUE(whole.at(path) == bytes) << path << " from " << from << " to " << to;
      }
      for (const std::string& path : MissingTiles(to, from)) ASSERT_TRUE(resumed.contains(path)) << path;
    }
  }
}

TEST(TileResumeTest, EntriesThatAreNotTheTreesAreNoticed) {
  const Numbers log(300);
  const auto take = [](const Tile&) { return absl::OkStatus(); };
  std::vector<std::string> bundle = LastBundle(log, 300);
  bundle[3] = "another";
  EXPECT_THAT(TileBuilder::Resume(300, log.tree.Reader(), bundle, take).status(),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("entry 259")));
  EXPECT_THAT(TileBuilder::Resume(300, log.tree.Reader(), {}, take).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("44")));
  EXPECT_THAT(TileBuilder::Resume(301, log.tree.Reader(), LastBundle(log, 300), take).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
}

TEST(CopyTailTest, HoldsWhatRootsAndTilesNeedAndNoMore) {
  const Numbers log(700);
  const SubtreeHash tail = CopyTail(700, log.tree.Reader()).value();
  EXPECT_EQ(RootOf(700, tail).value(), log.tree.Root(700).value());
  EXPECT_THAT(tail(0, 511).status(), StatusIs(absl::StatusCode::kOutOfRange, _));  // in a full tile
}

// C2SP's tiles of 70,000 entries, as counted by hand: 273 full ones and one of 112 at level 0 and as many
// bundles, one full and one of 17 at level 1, one of 1 at level 2.
TEST(MissingTilesTest, AreThoseOfTheLarger) {
  EXPECT_THAT(MissingTiles(70'000), SizeIs(274 + 274 + 2 + 1));
  EXPECT_THAT(MissingTiles(0), SizeIs(0));
  EXPECT_THAT(MissingTiles(70'000, 70'000), SizeIs(0));
  EXPECT_THAT(MissingTiles(257, 255), ElementsAre("tile/entries/000", "tile/entries/001.p/1", "tile/0/000",
                                                  "tile/0/001.p/1", "tile/1/000.p/1"));
  EXPECT_THAT(MissingTiles(258, 257), ElementsAre("tile/entries/001.p/2", "tile/0/001.p/2"));
}

// ---- folders

class ExportDeltaTest : public ::testing::Test {
 protected:
  absl::Status Grow(uint64_t from, uint64_t to) {
    ExportSource source = log_.Source({to});
    source.subtree = CopyTail(from, log_.tree.Reader()).value();
    source.witnessed_size = witnessed_;
    return WriteExportDelta(source, from, to, directory_.path());
  }

  Numbers log_{65'600};
  uint64_t witnessed_ = 0;
  TemporaryDirectory directory_;
};

// What TileResumeTest says of every size, here with files, one by one where tiles begin and end.
TEST_F(ExportDeltaTest, FolderThatGrowsHoldsTheWholeExport) {
  uint64_t from = 0;
  for (const uint64_t to : {0, 1, 2, 100, 254, 255, 256, 257, 258, 511, 512, 513, 600}) {
    ASSERT_THAT(Grow(from, to), IsOk());
    EXPECT_EQ(PublishedSize(directory_.path()).value(), to);
    ExpectHolds(directory_.path(), TilesOf(log_, to));
    from = to;
  }
  TemporaryDirectory whole;
  ASSERT_THAT(WriteExport(log_.Source({600}), whole.path()), IsOk());
  ExpectHolds(directory_.path(), FilesOf(whole.path()));
}

TEST_F(ExportDeltaTest, NewLevelsOfTilesAreTheSame) {
  uint64_t from = 0;
  for (const uint64_t to : {65'000, 65'535, 65'536, 65'537}) {
    ASSERT_THAT(Grow(from, to), IsOk());
    from = to;
    ExpectHolds(directory_.path(), TilesOf(log_, to));
  }
  TemporaryDirectory whole;
  ASSERT_THAT(WriteExport(log_.Source({65'537}), whole.path()), IsOk());
  ExpectHolds(directory_.path(), FilesOf(whole.path()));
}

TEST_F(ExportDeltaTest, PartialTilesGoOnceTheFullOneIsWitnessed) {
  ASSERT_THAT(Grow(0, 200), IsOk());
  ASSERT_THAT(Grow(200, 300), IsOk());
  EXPECT_TRUE(fs::exists(directory_.Path("tile/entries/000.p/200")));
  witnessed_ = 255;  // of a checkpoint that somebody may still check with the partial tile
  ASSERT_THAT(Grow(300, 310), IsOk());
  EXPECT_TRUE(fs::exists(directory_.Path("tile/0/000.p/200")));
  witnessed_ = 300;
  ASSERT_THAT(Grow(310, 310), IsOk());
  EXPECT_FALSE(fs::exists(directory_.Path("tile/entries/000.p")));
  EXPECT_FALSE(fs::exists(directory_.Path("tile/0/000.p")));
  EXPECT_TRUE(fs::exists(directory_.Path("tile/0/001.p/44")));
  EXPECT_TRUE(fs::exists(directory_.Path("tile/0/001.p/54")));
  EXPECT_TRUE(fs::exists(directory_.Path("tile/1/000.p/1")));
}

TEST_F(ExportDeltaTest, NewestCheckpointComesLastAndWhatFailedBeforeItIsCompletedByTheNextCall) {
  ASSERT_THAT(Grow(0, 250), IsOk());
  const std::string before = ReadFileOrDie(directory_.Path("checkpoint"));
  TemporaryDirectory whole;
  ASSERT_THAT(WriteExport(log_.Source({250}), whole.path()), IsOk());
  ASSERT_THAT(WriteExport(log_.Source({250, 300}), whole.path()), IsOk());
  // A folder where a file should go: everything before it is written, nothing after it.
  std::set<std::string> written_before;
  for (const char* blocked : {"tile/entries/000", "tile/0/001.p/44", "checkpoints/300", "keys/policy"}) {
    fs::remove(directory_.Path(blocked));
    fs::create_directories(directory_.Path(blocked) + "/in the way");
    EXPECT_FALSE(Grow(250, 300).ok()) << blocked;
    EXPECT_EQ(ReadFileOrDie(directory_.Path("checkpoint")), before) << blocked;
    EXPECT_EQ(PublishedSize(directory_.path()).value(), 250u);
    for (const std::string& path : written_before) EXPECT_TRUE(fs::exists(directory_.Path(path))) << path;
    written_before.insert(blocked);
    fs::remove_all(directory_.Path(blocked));
  }
  ASSERT_THAT(Grow(250, 300), IsOk());
  ExpectHolds(directory_.path(), FilesOf(whole.path()));
}

// A crash leaves the files that were written so far, and perhaps a part of the next under its temporary name.
TEST_F(ExportDeltaTest, CrashBetweenAnyTwoFilesIsCompletedByTheSameCall) {
  TemporaryDirectory base;
  ASSERT_THAT(WriteExport(log_.Source({250}), base.path()), IsOk());
  ExportSource source = log_.Source({250, 515});
  source.witnessed_size = 515;
  source.keys.policy = "quorum none\n";
  ASSERT_THAT(WriteExport(source, directory_.path()), IsOk());
  const Files old = FilesOf(base.path());
  const Files whole = FilesOf(directory_.path());
  std::vector<std::string> order = MissingTiles(515, 250);
  for (const char* path : {"checkpoints/515", "keys/policy", "checkpoint"}) order.emplace_back(path);
  for (size_t done = 0; done <= order.size(); ++done) {
    TemporaryDirectory crashed;
    fs::copy(base.path(), crashed.path(), fs::copy_options::recursive);
    for (size_t i = 0; i < done; ++i) {
      const std::string path = crashed.Path(order[i]);
      fs::create_directories(fs::path(path).parent_path());
      WriteFileOrDie(path, whole.at(order[i]));
    }
    if (done < order.size()) {
      fs::create_directories(fs::path(crashed.Path(order[done])).parent_path());
      WriteFileOrDie(crashed.Path(order[done]) + ".partial", whole.at(order[done]).substr(0, 7));
    }
    ASSERT_THAT(WriteExportDelta(source, 250, 515, crashed.path()), IsOk()) << done;
    EXPECT_TRUE(FilesOf(crashed.path()) == whole) << done;
  }
}

TEST_F(ExportDeltaTest, FolderThatHoldsLessOrAnotherLogIsRefused) {
  EXPECT_THAT(Grow(10, 20), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("from 0 on")));
  ASSERT_THAT(Grow(0, 10), IsOk());
  EXPECT_THAT(Grow(15, 20), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("from 10 on")));
  EXPECT_THAT(Grow(5, 8), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("longer")));
  EXPECT_THAT(WriteExportDelta(log_.Source({20}), 10, 19, directory_.path()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("last checkpoint is of size 20")));
  EXPECT_EQ(PublishedSize(directory_.path()).value(), 10u);
}

TEST_F(ExportDeltaTest, EntriesThatDoNotGiveTheRootAreNotWritten) {
  ASSERT_THAT(Grow(0, 250), IsOk());
  const Files before = FilesOf(directory_.path());
  log_.entries[252] = "another";
  EXPECT_THAT(Grow(250, 300), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("size 300")));
  EXPECT_TRUE(FilesOf(directory_.path()) == before);
}

// ---- notes

class NotesTest : public ExportDeltaTest {
 protected:
  NotesTest() {
    std::vector<VerifierKey> keys;
    for (int i = 0; i < 20; ++i) {
      witnesses_.push_back(
          SigningKey::Generate(absl::StrCat("w", i, ".demo/mirror"), KeyAlgorithm::kCosignatureV1));
      keys.push_back(witnesses_.back().verifier());
    }
    policy_ = MajorityPolicy(log_.key.verifier(), keys, 0).value();
  }
  ExportSource Cosigned(uint64_t size, int witnesses) {
    ExportSource source = log_.Source({size});
    source.keys.policy = policy_;
    const std::string text = ReadCheckpoint(source.checkpoints[0])->Text();
    std::vector<std::string> lines;
    for (int i = 0; i < witnesses; ++i)
      lines.push_back(CosignatureLine(text, witnesses_[i], absl::FromUnixSeconds(1'700'000'000)));
    source.checkpoints[0] = WithSignatures(source.checkpoints[0], lines).value();
    return source;
  }

  std::vector<SigningKey> witnesses_;
  std::string policy_;
};

TEST_F(NotesTest, MoreCosignaturesTakeThePlaceOfFewer) {
  ASSERT_THAT(WriteExportDelta(Cosigned(10, 0), 0, 10, directory_.path()), IsOk());
  ASSERT_THAT(WriteExportDelta(Cosigned(10, 3), 10, 10, directory_.path()), IsOk());
  for (const char* path : {"checkpoint", "checkpoints/10"})
    EXPECT_THAT(ParseNote(ReadFileOrDie(directory_.Path(path)))->signatures, SizeIs(4));
}

TEST_F(NotesTest, NoteOfAnotherTextIsKeptAsEvidence) {
  ASSERT_THAT(Grow(0, 10), IsOk());
  const std::string forged = SignCheckpoint({"log", 10, EmptyRoot()}, log_.key);
  WriteFileOrDie(directory_.Path("checkpoints/10"), forged);
  EXPECT_THAT(Grow(10, 20), IsOk());  // says nothing about that one
  ExportSource source = log_.Source({10, 20});
  EXPECT_THAT(WriteExportDelta(source, 10, 20, directory_.path()),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("checkpoints/10")));
  EXPECT_EQ(ReadFileOrDie(directory_.Path("checkpoints/10")), forged);
}

// Twenty cosign; eleven are a quorum: they and the log are twelve, nine stand beside.
TEST_F(NotesTest, PastSixteenSignaturesOneQuorumIsPublishedAndTheRestBeside) {
  ASSERT_THAT(WriteExportDelta(Cosigned(10, 15), 0, 10, directory_.path()), IsOk());
  EXPECT_THAT(ParseNote(ReadFileOrDie(directory_.Path("checkpoint")))->signatures, SizeIs(16));
  EXPECT_FALSE(fs::exists(directory_.Path("cosignatures")));
  const ExportSource source = Cosigned(10, 20);
  ASSERT_THAT(WriteExportDelta(source, 10, 10, directory_.path()), IsOk());
  const std::string note = ReadFileOrDie(directory_.Path("checkpoint"));
  EXPECT_EQ(note, ReadFileOrDie(directory_.Path("checkpoints/10")));
  EXPECT_THAT(ParseNote(note)->signatures, SizeIs(12));
  const std::string rest = ReadFileOrDie(directory_.Path("cosignatures/10"));
  std::vector<std::string> lines;
  for (size_t at = 0; at < rest.size(); at = rest.find('\n', at) + 1)
    lines.push_back(rest.substr(at, rest.find('\n', at) + 1 - at));
  EXPECT_THAT(lines, SizeIs(9));
  EXPECT_EQ(WithSignatures(note, lines).value(), source.checkpoints[0]);
}

}  // namespace
}  // namespace consort::ledger
