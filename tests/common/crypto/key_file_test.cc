#include "common/crypto/key_file.h"

#include <sys/stat.h>

#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::IsOkAndHolds;
using ::consort::testing::ReadFileOrDie;
using ::consort::testing::StatusIs;
using ::consort::testing::TemporaryDirectory;
using ::consort::testing::WriteFileOrDie;
using ::testing::_;

TEST(WriteNewFileTest, WritesTheBytesWithTheModeWhateverTheUmask) {
  TemporaryDirectory directory;
  const mode_t before = umask(0077);
  const absl::Status status = WriteNewFile(directory.Path("a"), "bytes", 0644);
  umask(before);
  ASSERT_THAT(status, IsOk());
  struct stat facts {};
  ASSERT_EQ(stat(directory.Path("a").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0644u);
  EXPECT_EQ(ReadFileOrDie(directory.Path("a")), "bytes");
}

TEST(WriteNewFileTest, LeavesAFileThatIsThereAsItWas) {
  TemporaryDirectory directory;
  WriteFileOrDie(directory.Path("a"), "first");
  EXPECT_THAT(WriteNewFile(directory.Path("a"), "second", 0600),
              StatusIs(absl::StatusCode::kAlreadyExists, _));
  EXPECT_EQ(ReadFileOrDie(directory.Path("a")), "first");
}

TEST(WriteNewFileTest, IsNotStoppedByTheRestOfAKilledRun) {
  TemporaryDirectory directory;
  WriteFileOrDie(directory.Path("a.partial"), "half");
  ASSERT_THAT(WriteNewFile(directory.Path("a"), "whole", 0600), IsOk());
  EXPECT_EQ(ReadFileOrDie(directory.Path("a")), "whole");
}

TEST(WriteNewFileTest, MissingFolderIsNamed) {
  TemporaryDirectory directory;
  EXPECT_THAT(WriteNewFile(directory.Path("none/a"), "x", 0600), StatusIs(absl::StatusCode::kNotFound, _));
}

TEST(ReplaceFileTest, TakesThePlaceOfWhatIsThere) {
  TemporaryDirectory directory;
  ASSERT_THAT(ReplaceFile(directory.Path("a"), "first", 0644), IsOk());
  ASSERT_THAT(ReplaceFile(directory.Path("a"), "second", 0644), IsOk());
  EXPECT_EQ(ReadFileOrDie(directory.Path("a")), "second");
  EXPECT_THAT(ReplaceFile(directory.Path("none/a"), "x", 0644), StatusIs(absl::StatusCode::kNotFound, _));
}

TEST(ReadFileTest, PrivateFilesMustBeTheOwnersAloneAndPublicOnesNeedNot) {
  TemporaryDirectory directory;
  ASSERT_THAT(WriteNewFile(directory.Path("a"), "x", 0644), IsOk());
  EXPECT_THAT(ReadPrivateFile(directory.Path("a")).status(),
              StatusIs(absl::StatusCode::kPermissionDenied, _));
  EXPECT_THAT(ReadPublicFile(directory.Path("a")), IsOkAndHolds("x"));
  EXPECT_THAT(ReadPublicFile(directory.Path("none")).status(), StatusIs(absl::StatusCode::kNotFound, _));
}

TEST(ReadFileTest, RefusesFoldersAndLargeFiles) {
  TemporaryDirectory directory;
  EXPECT_THAT(ReadPublicFile(directory.path()).status(), StatusIs(absl::StatusCode::kInvalidArgument, _));
  ASSERT_THAT(WriteNewFile(directory.Path("limit"), std::string(kMaxKeyFileBytes, 'x'), 0600), IsOk());
  EXPECT_THAT(ReadPrivateFile(directory.Path("limit")), IsOk());
  ASSERT_THAT(WriteNewFile(directory.Path("large"), std::string(kMaxKeyFileBytes + 1, 'x'), 0600), IsOk());
  EXPECT_THAT(ReadPrivateFile(directory.Path("large")).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
}

}  // namespace
}  // namespace consort
