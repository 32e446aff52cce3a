#include "node/trainer/engine/kept_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temporary_directory.h"

namespace consort::trainer {
namespace {

using ::consort::testing::WriteFileOrDie;

class KeptFilesTest : public ::testing::Test {
 protected:
  // A file that was written `days` before the test's now.
  void Write(const std::string& name, int days) {
    WriteFileOrDie(directory_.Path(name), "bytes");
    std::filesystem::last_write_time(directory_.Path(name), now_ - std::chrono::hours(24 * days));
  }
  bool Stays(const std::string& name) const { return std::filesystem::exists(directory_.Path(name)); }

  consort::testing::TemporaryDirectory directory_;
  const std::filesystem::file_time_type now_ = std::filesystem::file_time_type::clock::now();
};

TEST_F(KeptFilesTest, OnlyWhatJobsKeptLongAgoGoes) {
  Write("local-old-1", 91);
  Write("local-new-1", 89);
  Write("local-mine-2", 91);
  Write("collection.json", 1000);
  RemoveForgottenFiles(directory_.path(), directory_.Path("local-mine"), now_);
  EXPECT_FALSE(Stays("local-old-1"));
  EXPECT_TRUE(Stays("local-new-1"));
  EXPECT_TRUE(Stays("local-mine-2"));
  EXPECT_TRUE(Stays("collection.json"));
}

TEST_F(KeptFilesTest, FolderThatIsNotThereIsNoTrouble) {
  RemoveForgottenFiles(directory_.Path("absent"), "", now_);
}

}  // namespace
}  // namespace consort::trainer
