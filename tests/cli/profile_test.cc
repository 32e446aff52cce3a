#include "cli/profile.h"

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::cli {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::testing::_;
using ::testing::HasSubstr;

Profile Sample() {
  return {"127.0.0.1:8443",           "",      "example.org", "music", "researcher", "r-1",
          "ledger.example.org/music", "log+1", "entry+2"};
}

TEST(ProfileTest, ReadsWhatItWrote) {
  const consort::testing::TemporaryDirectory directory;
  const std::string folder = directory.path() + "/profile";
  ASSERT_THAT(WriteProfile(folder, Sample(), {"cert", "key", "ca"}), IsOk());
  const Profile profile = ReadProfile(folder).value();
  EXPECT_EQ(profile.address, "127.0.0.1:8443");
  EXPECT_EQ(profile.role, "researcher");
  EXPECT_EQ(profile.coordinator_entry_vkey, "entry+2");
}

TEST(ProfileTest, OnlyTheOwnerMayReadTheKey) {
  const consort::testing::TemporaryDirectory directory;
  const std::string folder = directory.path() + "/profile";
  ASSERT_THAT(WriteProfile(folder, Sample(), {"cert", "key", "ca"}), IsOk());
  struct stat key = {};
  ASSERT_EQ(stat(KeyPath(folder).c_str(), &key), 0);
  EXPECT_EQ(key.st_mode & 0777, 0600u);
}

TEST(ProfileTest, AProfileIsNeverOverwritten) {
  const consort::testing::TemporaryDirectory directory;
  const std::string folder = directory.path() + "/profile";
  ASSERT_THAT(WriteProfile(folder, Sample(), {"cert", "key", "ca"}), IsOk());
  EXPECT_THAT(WriteProfile(folder, Sample(), {"cert2", "key2", "ca2"}),
              StatusIs(absl::StatusCode::kAlreadyExists, _));
}

TEST(ProfileTest, AMissingProfileSaysWhatToDo) {
  EXPECT_THAT(ReadProfile("/nonexistent"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("consort enrol")));
}

TEST(ProfileTest, ADamagedProfileIsNamedWithItsLine) {
  const consort::testing::TemporaryDirectory directory;
  std::ofstream(directory.path() + "/profile.toml") << "[coordinator]\naddress = 7\n";
  EXPECT_THAT(ReadProfile(directory.path()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("profile.toml:2")));
}

TEST(ProfileTest, TheOptionWinsOverTheEnvironment) {
  setenv("CONSORT_PROFILE", "/from/environment", 1);
  EXPECT_EQ(ProfileDirectory("/from/option"), "/from/option");
  EXPECT_EQ(ProfileDirectory(""), "/from/environment");
  unsetenv("CONSORT_PROFILE");
}

}  // namespace
}  // namespace consort::cli
