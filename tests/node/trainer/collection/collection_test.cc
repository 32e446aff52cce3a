#include "node/trainer/collection/collection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <set>

#include "tests/node/trainer/support/sound_files.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::trainer {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::ReadFileOrDie;
using ::consort::testing::StatusIs;
using ::consort::testing::TemporaryDirectory;
using ::consort::testing::WriteFileOrDie;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;
using namespace ::consort::trainer::testing;

class CollectionTest : public ::testing::Test {
 protected:
  CollectionTest() {
    config_.recordings_directory = directory_.Path("recordings");
    config_.state_directory = directory_.Path("state");
    config_.consent = "declared-by-operator";
    config_.max_recording_seconds = 60;
    config_.sample_rate_hz = 44100;
    std::filesystem::create_directory(config_.recordings_directory);
    std::filesystem::create_directory(config_.state_directory);
  }

  std::string Path(const std::string& name) {
    const std::filesystem::path path = std::filesystem::path(config_.recordings_directory) / name;
    std::filesystem::create_directories(path.parent_path());
    return path.string();
  }
  // A short sound that no other seed gives.
  void Add(const std::string& name, uint64_t seed) { WriteSound(Path(name), Pluck(seed, 0.3, 44100), 44100); }

  std::unique_ptr<Collection> Scanned() {
    auto collection = Collection::Open(config_).value();
    const std::atomic<bool> stop{false};
    EXPECT_THAT(collection->Scan(stop), IsOk());
    return collection;
  }

  static std::map<std::string, Split> Splits(const Collection& collection) {
    std::map<std::string, Split> splits;
    for (const Recording& recording : collection.recordings()) splits[recording.id] = recording.split;
    return splits;
  }
  static int Holdouts(const Collection& collection) {
    int count = 0;
    for (const auto& [id, split] : Splits(collection)) count += split == Split::kHoldout;
    return count;
  }

  TemporaryDirectory directory_;
  CollectionConfig config_;
};

TEST_F(CollectionTest, SubfolderNamesTheTraditionUnlessItIsMapped) {
  Add("qudi/a.wav", 1);
  Add("harp/old/b.wav", 2);
  Add("c.wav", 3);
  config_.traditions = {{"harp", "Celtic harp"}};
  std::set<std::string> traditions;
  const auto collection = Scanned();
  for (const Recording& recording : collection->recordings()) traditions.insert(recording.tradition);
  EXPECT_THAT(traditions, UnorderedElementsAre("qudi", "Celtic harp", "recordings"));
}

TEST_F(CollectionTest, ChineseNamesAreKeptByteForByteAndOthersAreMadePublishable) {
  Add("江南丝竹/茉莉花.wav", 1);
  Add("\xBD\xAD\xC4\xCF/\xDC\xD4\xC0\xF2\xBB\xA8.wav", 2);  // GB 18030
  std::set<std::string> traditions;
  const auto collection = Scanned();
  for (const Recording& recording : collection->recordings()) traditions.insert(recording.tradition);
  EXPECT_EQ(traditions.size(), 2u);
  EXPECT_TRUE(traditions.contains("江南丝竹"));
  EXPECT_THAT(*traditions.begin(), StartsWith("folder-"));
}

TEST_F(CollectionTest, IdsAndSplitSurviveARestartAndARename) {
  for (int i = 0; i < 8; ++i) Add("qudi/" + std::to_string(i) + ".wav", i);
  const auto before = Splits(*Scanned());
  EXPECT_THAT(before, SizeIs(8));
  std::filesystem::rename(Path("qudi/0.wav"), Path("qudi/renamed.wav"));
  EXPECT_EQ(Splits(*Scanned()), before);
}

TEST_F(CollectionTest, NewRecordingsNeverMoveTheSplit) {
  for (int i = 0; i < 6; ++i) Add("qudi/" + std::to_string(i) + ".wav", i);
  const auto before = Splits(*Scanned());
  for (int i = 6; i < 20; ++i) Add("qudi/" + std::to_string(i) + ".wav", i);
  const auto after = Splits(*Scanned());
  EXPECT_THAT(after, SizeIs(20));
  for (const auto& [id, split] : before) EXPECT_EQ(after.at(id), split);
  int holdout = 0;
  for (const auto& [id, split] : after) holdout += split == Split::kHoldout;
  EXPECT_EQ(holdout, 3);
}

TEST_F(CollectionTest, EachTraditionHasItsOwnHoldout) {
  for (int i = 0; i < 6; ++i) Add("qudi/" + std::to_string(i) + ".wav", i);
  for (int i = 6; i < 8; ++i) Add("harp/" + std::to_string(i) + ".wav", i);
  EXPECT_EQ(Holdouts(*Scanned()), 3 + 1);
}

TEST_F(CollectionTest, SameAudioTwiceIsOneRecording) {
  Add("qudi/a.wav", 1);
  Add("qudi/copy.wav", 1);
  EXPECT_THAT(Scanned()->recordings(), SizeIs(1));
}

TEST_F(CollectionTest, UnusableFilesAreProblemsWithLastingIdsAndOtherFilesAreIgnored) {
  Add("qudi/good.wav", 1);
  WriteFileOrDie(Path("qudi/broken.mp3"), "not a sound");
  WriteFileOrDie(Path("qudi/empty.flac"), "");
  WriteSound(Path("qudi/silent.wav"), std::vector<float>(44100), 44100);
  WriteFileOrDie(Path("qudi/notes.txt"), "played in 1962");
  WriteFileOrDie(Path("qudi/._good.wav"), "resource fork");
  const auto collection = Scanned();
  EXPECT_THAT(collection->recordings(), SizeIs(1));
  std::map<std::string, std::string> ids;
  for (const Problem& problem : collection->problems()) ids[problem.code] = problem.recording_id;
  EXPECT_THAT(ids, SizeIs(3));
  for (const char* code : {"unreadable", "empty", "silent"}) EXPECT_TRUE(ids.contains(code)) << code;
  const auto again = Scanned();
  for (const Problem& problem : again->problems()) EXPECT_EQ(problem.recording_id, ids[problem.code]);
}

TEST_F(CollectionTest, FileThatChangedIsLookedAtAgain) {
  WriteFileOrDie(Path("qudi/a.wav"), "");
  EXPECT_THAT(Scanned()->problems(), SizeIs(1));
  Add("qudi/a.wav", 1);
  const auto collection = Scanned();
  EXPECT_THAT(collection->problems(), IsEmpty());
  EXPECT_THAT(collection->recordings(), SizeIs(1));
}

TEST_F(CollectionTest, WithoutDeclaredConsentEveryRecordingIsRefusedAndNothingIsLearned) {
  Add("qudi/a.wav", 1);
  for (const char* consent : {"", "yes", "declared-by-operator "}) {
    config_.consent = consent;
    const auto collection = Scanned();
    EXPECT_THAT(collection->recordings(), IsEmpty());
    ASSERT_THAT(collection->problems(), SizeIs(1));
    EXPECT_EQ(collection->problems()[0].code, "no-consent");
    EXPECT_FALSE(std::filesystem::exists(directory_.Path("state/recordings.json")));
  }
}

TEST_F(CollectionTest, ReadingAsksThePolicyEveryTime) {
  Add("qudi/a.wav", 1);
  const auto collection = Scanned();
  const Recording recording = collection->recordings()[0];
  EXPECT_THAT(collection->Read(recording, "train.generative", 0, 100), IsOk());
  EXPECT_THAT(collection->Read(recording, "", 0, 100),
              StatusIs(absl::StatusCode::kFailedPrecondition, StartsWith("no-consent")));
  config_.consent = "";
  const auto unconsented = Collection::Open(config_).value();
  EXPECT_THAT(unconsented->Read(recording, "train.generative", 0, 100),
              StatusIs(absl::StatusCode::kFailedPrecondition, StartsWith("no-consent")));
}

TEST_F(CollectionTest, StateHoldsNoPathAndNoName) {
  Add("secret-tradition/secret-title.wav", 1);
  Scanned();
  EXPECT_THAT(ReadFileOrDie(directory_.Path("state/recordings.json")), Not(HasSubstr("secret-title")));
}

TEST_F(CollectionTest, StoppedScanLosesNothingAndCanBeRepeated) {
  for (int i = 0; i < 6; ++i) Add("qudi/" + std::to_string(i) + ".wav", i);
  const auto before = Splits(*Scanned());
  Add("qudi/new.wav", 6);
  auto collection = Collection::Open(config_).value();
  const std::atomic<bool> stop{true};
  EXPECT_EQ(collection->Scan(stop).code(), absl::StatusCode::kCancelled);
  const auto after = Splits(*Scanned());
  for (const auto& [id, split] : before) EXPECT_EQ(after.at(id), split);
}

TEST_F(CollectionTest, FolderThatIsNotThereIsNamedByItsSetting) {
  config_.recordings_directory = directory_.Path("absent");
  auto collection = Collection::Open(config_).value();
  const std::atomic<bool> stop{false};
  EXPECT_THAT(collection->Scan(stop),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("[collection] recordings")));
}

}  // namespace
}  // namespace consort::trainer
