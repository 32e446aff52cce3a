#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>

#include "common/artifact/artifact_store.h"
#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::ReadFileOrDie;
using ::consort::testing::StatusIs;
using ::consort::testing::TemporaryDirectory;
using ::consort::testing::WriteFileOrDie;
using ::testing::_;
using ::testing::HasSubstr;

class SpoolWriterTest : public ::testing::Test {
 protected:
  std::unique_ptr<SpoolWriter> Open(uint64_t total) { return SpoolWriter::Open(path_, total).value(); }

  TemporaryDirectory directory_;
  const std::string path_ = directory_.Path("spool");
};

TEST_F(SpoolWriterTest, WritesAWholeFile) {
  std::unique_ptr<SpoolWriter> writer = Open(6);
  ASSERT_THAT(writer->Append(0, "abc"), IsOk());
  ASSERT_THAT(writer->Append(3, "def"), IsOk());
  EXPECT_EQ(writer->committed_bytes(), 6u);
  EXPECT_THAT(writer->Finish(Sha256Hex("abcdef")), IsOk());
  EXPECT_THAT(writer->Finish(Sha256Hex("abcdef")), IsOk());  // asked again after an answer that was lost
  EXPECT_EQ(ReadFileOrDie(path_), "abcdef");
}

TEST_F(SpoolWriterTest, GoesOnAfterARestartAtTheLengthOfTheFile) {
  ASSERT_THAT(Open(6)->Append(0, "abcd"), IsOk());
  std::unique_ptr<SpoolWriter> writer = Open(6);
  EXPECT_EQ(writer->committed_bytes(), 4u);
  ASSERT_THAT(writer->Append(4, "ef"), IsOk());
  EXPECT_THAT(writer->Finish(Sha256Hex("abcdef")), IsOk());
}

TEST_F(SpoolWriterTest, RefusesAnyOtherOffset) {
  std::unique_ptr<SpoolWriter> writer = Open(6);
  ASSERT_THAT(writer->Append(0, "abc"), IsOk());
  EXPECT_THAT(writer->Append(0, "abc"), StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("expected 3")));
  EXPECT_THAT(writer->Append(4, "x"), StatusIs(absl::StatusCode::kOutOfRange, _));
  EXPECT_EQ(writer->committed_bytes(), 3u);
  EXPECT_EQ(ReadFileOrDie(path_), "abc");
}

TEST_F(SpoolWriterTest, RefusesMoreBytesThanAnnounced) {
  std::unique_ptr<SpoolWriter> writer = Open(4);
  ASSERT_THAT(writer->Append(0, "abc"), IsOk());
  EXPECT_THAT(writer->Append(3, "de"), StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_EQ(ReadFileOrDie(path_), "abc");
  ASSERT_THAT(writer->Append(3, "d"), IsOk());
  EXPECT_THAT(writer->Finish(Sha256Hex("abcd")), IsOk());
}

TEST_F(SpoolWriterTest, RefusesAFileThatIsLongerThanTheWhole) {
  WriteFileOrDie(path_, "abcdef");
  EXPECT_THAT(SpoolWriter::Open(path_, 5), StatusIs(absl::StatusCode::kInvalidArgument, _));
}

TEST_F(SpoolWriterTest, IsNotFinishedBeforeAllBytesAreThere) {
  std::unique_ptr<SpoolWriter> writer = Open(4);
  ASSERT_THAT(writer->Append(0, "abc"), IsOk());
  EXPECT_THAT(writer->Finish(Sha256Hex("abc")), StatusIs(absl::StatusCode::kFailedPrecondition, _));
  ASSERT_THAT(writer->Append(3, "d"), IsOk());
  EXPECT_THAT(writer->Finish(Sha256Hex("abcd")), IsOk());
}

TEST_F(SpoolWriterTest, AnotherDigestIsDataLossAndTheFileGoes) {
  std::unique_ptr<SpoolWriter> writer = Open(3);
  ASSERT_THAT(writer->Append(0, "abc"), IsOk());
  EXPECT_THAT(writer->Finish(Sha256Hex("abd")), StatusIs(absl::StatusCode::kDataLoss, _));
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(SpoolWriterTest, ASecondWriterOfTheSameFileIsToldToWait) {
  std::unique_ptr<SpoolWriter> writer = Open(3);
  EXPECT_THAT(SpoolWriter::Open(path_, 3), StatusIs(absl::StatusCode::kUnavailable, _));
  writer.reset();
  EXPECT_THAT(SpoolWriter::Open(path_, 3), IsOk());
}

TEST_F(SpoolWriterTest, AnEmptyFileIsAFile) { EXPECT_THAT(Open(0)->Finish(Sha256Hex("")), IsOk()); }

TEST_F(SpoolWriterTest, AFullDiskKeepsWhatWasCommitted) {
  // A file size limit stands in for the full disk: the write stops half-way through the second piece.
  std::unique_ptr<SpoolWriter> writer = Open(10'000);
  ASSERT_THAT(writer->Append(0, std::string(3000, 'a')), IsOk());
  rlimit old_limit;
  getrlimit(RLIMIT_FSIZE, &old_limit);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small = {4096, old_limit.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  const absl::Status refused = writer->Append(3000, std::string(3000, 'b'));
  setrlimit(RLIMIT_FSIZE, &old_limit);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("free space")));
  EXPECT_EQ(writer->committed_bytes(), 3000u);
  EXPECT_EQ(std::filesystem::file_size(path_), 3000u);
  EXPECT_THAT(writer->Append(3000, std::string(7000, 'b')), IsOk());
  EXPECT_THAT(writer->Finish(Sha256Hex(std::string(3000, 'a') + std::string(7000, 'b'))), IsOk());
}

}  // namespace
}  // namespace consort
