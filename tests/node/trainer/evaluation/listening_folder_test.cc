#include "node/trainer/evaluation/listening_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "node/trainer/audio/wav_file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::trainer {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::ReadFileOrDie;
using ::consort::testing::TemporaryDirectory;

mode_t ModeOf(const std::string& path) {
  struct stat facts = {};
  EXPECT_EQ(stat(path.c_str(), &facts), 0) << path;
  return facts.st_mode & 0777;
}

TEST(ListeningFolderTest, HoldsOriginalBeforeAndAfterForStaffOnly) {
  const TemporaryDirectory directory;
  const std::string root = directory.Path("listening");
  auto folder = ListeningFolder::Create(root, "Four traditions", 3).value();
  const std::vector<float> original = {0.1f}, before = {0.2f}, after = {0.3f};
  ASSERT_THAT(folder.Write("昆曲", 1, {original, before, after}, 44100), IsOk());
  const std::string stem = root + "/Four-traditions/round-003/昆曲-1-";
  EXPECT_EQ(ReadFileOrDie(stem + "original.wav"), WavBytes(original, 44100));
  EXPECT_EQ(ReadFileOrDie(stem + "before.wav"), WavBytes(before, 44100));
  EXPECT_EQ(ReadFileOrDie(stem + "after.wav"), WavBytes(after, 44100));
  EXPECT_EQ(ModeOf(root), 0750u);
  EXPECT_EQ(ModeOf(root + "/Four-traditions/round-003"), 0750u);
  EXPECT_EQ(ModeOf(stem + "after.wav"), 0640u);
  EXPECT_EQ(ReadFileOrDie(stem + "pictures.png").substr(1, 3), "PNG");
  EXPECT_EQ(ModeOf(root + "/Four-traditions/round-003/index.html"), 0640u);
}

TEST(ListeningFolderTest, NamesCannotLeaveTheFolder) {
  const TemporaryDirectory directory;
  auto folder = ListeningFolder::Create(directory.Path("listening"), "../../etc", 1).value();
  const std::vector<float> sound = {0.1f};
  ASSERT_THAT(folder.Write("/tmp/x", 1, {sound, sound, sound}, 44100), IsOk());
  EXPECT_TRUE(std::filesystem::exists(directory.Path("listening/------etc/round-001/-tmp-x-1-after.wav")));
}

TEST(ListeningFolderTest, PageShowsEveryExampleSoFar) {
  const TemporaryDirectory directory;
  auto folder = ListeningFolder::Create(directory.Path("listening"), "job", 1).value();
  const std::vector<float> sound(4410, 0.1f);
  ASSERT_THAT(folder.Write("harp", 1, {sound, sound, sound}, 44100), IsOk());
  ASSERT_THAT(folder.Write("harp", 2, {sound, sound, sound}, 44100), IsOk());
  const std::string page = ReadFileOrDie(directory.Path("listening/job/round-001/index.html"));
  for (const char* name :
       {"harp-1-original.wav", "harp-1-pictures.png", "harp-2-before.wav", "harp-2-after.wav"}) {
    EXPECT_THAT(page, ::testing::HasSubstr(std::string("src=\"") + name)) << name;
  }
}

TEST(ListeningFolderTest, SaysWhenTheFolderCannotBeMade) {
  EXPECT_EQ(ListeningFolder::Create("/nonexistent/listening", "job", 1).status().code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace consort::trainer
