#include "common/state_dict/zip_archive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/common/state_dict/zip_file.h"
#include "tests/support/status_matchers.h"

namespace consort {
namespace {

using ::consort::testing::StatusIs;
using ::consort::testing::ZipFile;
using ::consort::testing::ZipPart;
using ::testing::_;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(ZipArchiveTest, GivesNamesAndBytesOfStoredEntries) {
  const std::string file = ZipFile({{"a/data.pkl", "one"}, {"a/data/0", ""}, {"a/version", "3\n"}});
  ASSERT_TRUE(LooksLikeZip(file));
  const std::vector<ZipEntry> entries = ReadStoredZip(file).value();
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[0].name, "a/data.pkl");
  EXPECT_EQ(entries[0].data, "one");
  EXPECT_EQ(entries[1].data, "");
  EXPECT_EQ(entries[2].data, "3\n");
}

TEST(ZipArchiveTest, RefusesTruncatedFiles) {
  const std::string file = ZipFile({{"a/data.pkl", "one"}, {"a/data/0", "two"}});
  for (size_t bytes = 0; bytes < file.size(); ++bytes) {
    EXPECT_THAT(ReadStoredZip(absl::string_view(file).substr(0, bytes)),
                StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("artifact-damaged: ")))
        << bytes;
  }
}

TEST(ZipArchiveTest, RefusesBytesBehindTheEnd) {
  EXPECT_THAT(ReadStoredZip(ZipFile({{"a", "one"}}) + "x"), StatusIs(absl::StatusCode::kInvalidArgument, _));
}

TEST(ZipArchiveTest, RefusesAnEntryThatTheEndRecordDoesNotCount) {
  std::string file = ZipFile({{"a", "one"}, {"b", "two"}});
  file[file.size() - 12] = 1;  // entries in all
  EXPECT_THAT(ReadStoredZip(file), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("more entries")));
}

struct BadZip {
  const char* what;
  std::vector<ZipPart> parts;
  const char* message;
};
class BadZipTest : public ::testing::TestWithParam<BadZip> {};

TEST_P(BadZipTest, IsRefusedByName) {
  EXPECT_THAT(ReadStoredZip(ZipFile(GetParam().parts)),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(StartsWith("artifact-damaged: "), HasSubstr(GetParam().message))));
}

INSTANTIATE_TEST_SUITE_P(
    Archives, BadZipTest,
    ::testing::Values(
        BadZip{"Compressed", {{.name = "a", .data = "one", .method = 8}}, "compressed"},
        BadZip{"Encrypted", {{.name = "a", .data = "one", .flags = 1}}, "encrypted"},
        BadZip{"Climbing", {{"a/../../b", "one"}}, "leaves its folder"},
        BadZip{"Absolute", {{"/etc/passwd", "one"}}, "leaves its folder"},
        BadZip{"Backslash", {{"..\\b", "one"}}, "leaves its folder"},
        BadZip{"Drive", {{"c:b", "one"}}, "leaves its folder"}, BadZip{"EmptyName", {{"", "one"}}, "empty"},
        BadZip{"ControlCharacter", {{"a\x1b[2J", "one"}}, "not plain ASCII"},
        BadZip{"Duplicate", {{"a", "one"}, {"a", "two"}}, "used twice"},
        BadZip{"Overlap", {{"a", "one"}, {.name = "a", .data = "one", .offset = 0}}, "overlaps"},
        BadZip{"PastTheEnd", {{.name = "a", .data = "one", .bytes = 4}}, "leaves the file"},
        BadZip{"FarPastTheEnd", {{.name = "a", .data = "one", .bytes = 0x7FFFFFFF}}, "leaves the file"},
        BadZip{"NotThere", {{.name = "a", .data = "one", .offset = 1}}, "not where"},
        BadZip{"FarAway", {{.name = "a", .data = "one", .offset = 0x7FFFFFFF}}, "not where"},
        BadZip{"WideSizesMissing", {{.name = "a", .data = "one", .bytes = 0xFFFFFFFF}}, "64-bit"},
        BadZip{"OtherName", {{.name = "a", .data = "one", .local_name = "b"}}, "another name"},
        BadZip{"Checksum", {{.name = "a", .data = "one", .crc_error = 1}}, "checksum"}),
    [](const auto& info) { return std::string(info.param.what); });

}  // namespace
}  // namespace consort
