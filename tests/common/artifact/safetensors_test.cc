#include "common/artifact/safetensors.h"

#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/artifact/durable_file.h"
#include "common/artifact/safetensors_file.h"
#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::IsOkAndHolds;
using ::consort::testing::StatusIs;
using ::consort::testing::TemporaryDirectory;
using ::testing::_;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

template <class T>
std::string BytesOf(const std::vector<T>& values) {
  return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

// A file with this header text and `data_bytes` zero bytes, spelled by hand.
std::string FileOf(const std::string& header, size_t data_bytes) {
  std::string file(8, '\0');
  const uint64_t length = header.size();
  std::memcpy(file.data(), &length, sizeof(length));
  return absl::StrCat(file, header, std::string(data_bytes, '\0'));
}

absl::Status ParseStatus(const std::string& header, size_t data_bytes) {
  const std::string file = FileOf(header, data_bytes);
  return SafetensorsHeader::Parse(file, file.size()).status();
}

constexpr char kTwoTensors[] =
    R"({"__metadata__":{"consort.round":"3"},)"
    R"("b":{"dtype":"F32","shape":[2,2],"data_offsets":[4,20]},"a":{"dtype":"I16","shape":[2],"data_offsets":[0,4]}})";

TEST(SafetensorsHeaderTest, ReadsNamesShapesOffsetsAndMetadata) {
  const std::string file = FileOf(kTwoTensors, 20);
  const SafetensorsHeader header = SafetensorsHeader::Parse(file, file.size()).value();
  ASSERT_EQ(header.tensors().size(), 2u);
  EXPECT_EQ(header.tensors()[0].name, "a");
  EXPECT_EQ(header.tensors()[0].dtype, "I16");
  EXPECT_THAT(header.tensors()[1].shape, ElementsAre(2, 2));
  EXPECT_EQ(header.Find("b")->begin, 4u);
  EXPECT_EQ(header.Find("b")->end, 20u);
  EXPECT_EQ(header.Find("c"), nullptr);
  EXPECT_THAT(header.metadata(), ElementsAre(Pair("consort.round", "3")));
  EXPECT_EQ(header.data_offset(), 8 + strlen(kTwoTensors));
}

TEST(SafetensorsHeaderTest, TakesAPrefixOfTheFile) {
  const std::string file = FileOf(kTwoTensors, 20);
  EXPECT_THAT(SafetensorsHeader::Parse(absl::string_view(file).substr(0, file.size() - 20), file.size()),
              IsOk());
}

TEST(SafetensorsHeaderTest, TakesEmptyTensorsScalarsAndNoTensorsAtAll) {
  EXPECT_THAT(ParseStatus(R"({})", 0), IsOk());
  EXPECT_THAT(ParseStatus(R"({"a":{"dtype":"F64","shape":[],"data_offsets":[0,8]}})", 8), IsOk());
  EXPECT_THAT(ParseStatus(R"({"a":{"dtype":"F32","shape":[0,5],"data_offsets":[0,0]}})", 0), IsOk());
}

TEST(SafetensorsHeaderTest, RefusesTruncatedFiles) {
  const std::string file = FileOf(kTwoTensors, 20);
  for (size_t bytes = 0; bytes < file.size(); ++bytes) {
    EXPECT_THAT(SafetensorsHeader::Parse(absl::string_view(file).substr(0, bytes), bytes),
                StatusIs(absl::StatusCode::kInvalidArgument, _))
        << bytes;
  }
}

TEST(SafetensorsHeaderTest, RefusesAnOversizedHeaderBeforeReadingIt) {
  EXPECT_THAT(SafetensorsHeader::Parse(std::string("\x01\x00\x00\x01\x00\x00\x00\x00", 8), 1ull << 40),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("oversized")));
  EXPECT_THAT(SafetensorsHeader::Parse(std::string(8, '\xFF'), 1ull << 40),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("oversized")));
}

struct BadHeader {
  const char* what;
  const char* header;
  size_t data_bytes;
};
class BadSafetensorsTest : public ::testing::TestWithParam<BadHeader> {};

TEST_P(BadSafetensorsTest, IsRefused) {
  EXPECT_THAT(ParseStatus(GetParam().header, GetParam().data_bytes),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
}

INSTANTIATE_TEST_SUITE_P(
    Headers, BadSafetensorsTest,
    ::testing::Values(
        BadHeader{"NotJson", "{", 0}, BadHeader{"NotAnObject", "[]", 0}, BadHeader{"Nothing", "", 0},
        BadHeader{"TwoDocuments", "{}{}", 0},
        BadHeader{"DuplicateTensor",
                  R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                  R"("a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})",
                  1},
        BadHeader{"DuplicateMember", R"({"a":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}})",
                  1},
        BadHeader{"DuplicateMetadata", R"({"__metadata__":{"k":"1","k":"2"}})", 0},
        BadHeader{"TwoMetadata", R"({"__metadata__":{},"__metadata__":{}})", 0},
        BadHeader{"MetadataNotText", R"({"__metadata__":{"k":1}})", 0},
        BadHeader{"MetadataNested", R"({"__metadata__":{"k":{}}})", 0},
        BadHeader{"UnknownDtype", R"({"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}})", 4},
        BadHeader{"DtypeNotText", R"({"a":{"dtype":4,"shape":[1],"data_offsets":[0,4]}})", 4},
        BadHeader{"UnknownMember", R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"x":1}})", 1},
        BadHeader{"MissingMember", R"({"a":{"dtype":"U8","shape":[1]}})", 0},
        BadHeader{"NegativeShape", R"({"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}})", 1},
        BadHeader{"FractionalShape", R"({"a":{"dtype":"U8","shape":[1.0],"data_offsets":[0,1]}})", 1},
        BadHeader{"ShapeNotAList", R"({"a":{"dtype":"U8","shape":1,"data_offsets":[0,1]}})", 1},
        BadHeader{"NestedShape", R"({"a":{"dtype":"U8","shape":[[1]],"data_offsets":[0,1]}})", 1},
        BadHeader{"TooManyDimensions",
                  R"({"a":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]}})",
                  1},
        BadHeader{"OverflowingShape",
                  R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", 0},
        BadHeader{"ShapePast63Bits",
                  R"({"a":{"dtype":"U8","shape":[9223372036854775808],"data_offsets":[0,1]}})", 1},
        BadHeader{"BytesDoNotFit", R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4},
        BadHeader{"OffsetsReversed", R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}})", 1},
        BadHeader{"OneOffset", R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[0]}})", 0},
        BadHeader{"ThreeOffsets", R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,1]}})", 1},
        BadHeader{"Overlap",
                  R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
                  R"("b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
                  3},
        BadHeader{"Gap",
                  R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                  R"("b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}})",
                  3},
        BadHeader{"PastTheEnd", R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})", 1},
        BadHeader{"BytesBehind", R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 2},
        BadHeader{"NameWithLineFeed", R"({"a\nb":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 1},
        BadHeader{"EmptyName", R"({"":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 1},
        BadHeader{"NotUtf8", "{\"\xC3\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1},
        BadHeader{"TensorIsNull", R"({"a":null})", 0}, BadHeader{"TensorIsAList", R"({"a":[]})", 0}),
    [](const auto& info) { return std::string(info.param.what); });

TEST(SafetensorsHeaderTest, DeepNestingIsRefusedWithoutRecursion) {
  EXPECT_THAT(ParseStatus(absl::StrCat(R"({"a":)", std::string(1 << 20, '[')), 0),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
}

TEST(WriteSafetensorsTest, WritesInNameOrderWhatTheReaderReads) {
  const std::string b = BytesOf<float>({1, -2});
  const std::string a = BytesOf<int64_t>({7});
  const std::string file =
      WriteSafetensors({{"b", "F32", {2}, b}, {"a", "I64", {}, a}}, {{"consort.job", "j1"}}).value();
  const SafetensorsHeader header = SafetensorsHeader::Parse(file, file.size()).value();
  EXPECT_EQ(header.data_offset() % 8, 0u);
  EXPECT_EQ(header.Find("a")->begin, 0u);
  EXPECT_EQ(header.Find("b")->begin, 8u);
  EXPECT_EQ(file.substr(header.data_offset()), a + b);
  EXPECT_THAT(header.metadata(), ElementsAre(Pair("consort.job", "j1")));
}

TEST(WriteSafetensorsTest, RefusesWhatTheReaderWouldRefuse) {
  const std::string data(4, '\0');
  EXPECT_THAT(WriteSafetensors({{"a", "F32", {2}, data}}, {}),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(WriteSafetensors({{"a", "X32", {1}, data}}, {}),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(WriteSafetensors({{"a", "F32", {-1}, data}}, {}),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(WriteSafetensors({{"a\n", "F32", {1}, data}}, {}),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(WriteSafetensors({{"\xC3", "F32", {1}, data}}, {}),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(WriteSafetensors({{"a", "F32", {1}, data}, {"a", "F32", {1}, data}}, {}),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(WriteSafetensors({{"__metadata__", "F32", {1}, data}}, {{"k", "v"}}),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
}

TEST(TensorDigestTest, IsThatOfTheDocumentedLayout) {
  const std::string a = BytesOf<float>({1, -2});
  const std::string b = BytesOf<int64_t>({7});
  const std::string file = WriteSafetensors({{"a", "F32", {2}, a}, {"b", "I64", {}, b}}, {}).value();
  // hashlib.sha256 over "a\nF32\n2\n", the floats, "b\nI64\n\n", the integer.
  EXPECT_THAT(TensorDigest(file),
              IsOkAndHolds(std::string("a85343a70d78c6e32bfe27ce4160b30905c456c0c20cfe4a413bdba1e30b8df6")));
}

TEST(TensorDigestTest, DoesNotCoverMetadataOrTheOrderOfTheFile) {
  const std::string plain = FileOf(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                                   R"("b":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
                                   0) +
                            "AB";
  const std::string other =
      FileOf(R"({"__metadata__":{"k":"v"},"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
             R"("a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
             0) +
      "BA";
  EXPECT_EQ(TensorDigest(plain).value(), TensorDigest(other).value());
}

TEST(TensorDigestTest, CoversNamesShapesDtypesAndBytes) {
  const std::string data(4, '\1');
  const std::string changed("\1\1\1\2");
  const std::string digest = TensorDigest(WriteSafetensors({{"a", "U8", {4}, data}}, {}).value()).value();
  EXPECT_NE(TensorDigest(WriteSafetensors({{"b", "U8", {4}, data}}, {}).value()).value(), digest);
  EXPECT_NE(TensorDigest(WriteSafetensors({{"a", "U8", {2, 2}, data}}, {}).value()).value(), digest);
  EXPECT_NE(TensorDigest(WriteSafetensors({{"a", "I8", {4}, data}}, {}).value()).value(), digest);
  EXPECT_NE(TensorDigest(WriteSafetensors({{"a", "U8", {4}, changed}}, {}).value()).value(), digest);
}

TEST(TensorDigestTest, OfAFileIsThatOfItsBytes) {
  TemporaryDirectory directory;
  const std::string data(3'000'000, '\3');  // several read blocks
  const std::string file = WriteSafetensors({{"a", "U8", {3'000'000}, data}}, {}).value();
  consort::testing::WriteFileOrDie(directory.Path("model"), file);
  EXPECT_EQ(TensorDigestOfFile(directory.Path("model")).value(), TensorDigest(file).value());
  EXPECT_THAT(TensorDigestOfFile(directory.Path("none")), StatusIs(absl::StatusCode::kNotFound, _));
}

TEST(SafetensorsFileTest, ReadsAHeaderLongerThanTheFirstRead) {
  TemporaryDirectory directory;
  const std::map<std::string, std::string> metadata = {{"long", std::string(1 << 20, 'x')}};
  const std::string file = WriteSafetensors({{"a", "U8", {1}, "x"}}, metadata).value();
  consort::testing::WriteFileOrDie(directory.Path("model"), file);
  const FileDescriptor opened = OpenFile(directory.Path("model"), 0).value();
  EXPECT_THAT(ReadSafetensorsHeader(opened), IsOk());
}

}  // namespace
}  // namespace consort
