#include "common/state_dict/pickle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/common/state_dict/zip_file.h"
#include "tests/support/status_matchers.h"

namespace consort {
namespace {

using ::consort::testing::Little;
using ::consort::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Kind = PickleValue::Kind;

// Opcodes as Lib/pickletools.py of CPython names them.
const std::string kProto("\x80\x02", 2);
std::string Text(const std::string& text) { return absl::StrCat("X", Little(text.size(), 4), text); }
std::string Storage(int64_t values) {
  return absl::StrCat("(", Text("storage"), "ctorch\nFloatStorage\n", Text("0"), Text("cpu"), "J",
                      Little(values, 4), "tQ");
}
// On a storage of six values: two rows of three.
std::string Tensor(int32_t offset, int32_t rows, int32_t stride) {
  return absl::StrCat("ctorch._utils\n_rebuild_tensor_v2\n(", Storage(6), "J", Little(offset, 4), "J",
                      Little(rows, 4), "K\x03\x86", "J", Little(stride, 4), "K\x01\x86", "\x89}tR");
}

absl::StatusOr<Pickle> Read(const std::string& opcodes) {
  return ReadPickle(absl::StrCat(kProto, opcodes, "."));
}

TEST(PickleTest, ReadsPlainValues) {
  const Pickle pickle =
      Read(absl::StrCat("(N\x88\x89K\xffM\x01\x02J\xfe\xff\xff\xff", std::string("\x8a\x03\0\0\x80G", 6),
                        std::string("\x3f\xf0\0\0\0\0\0\0", 8), Text("word"), "](K\x01K\x02", "e}(",
                        Text("k"), "K\x05ut"))
          .value();
  const PickleValue& tuple = pickle.values[pickle.root];
  ASSERT_EQ(tuple.kind, Kind::kTuple);
  ASSERT_EQ(tuple.items.size(), 11u);
  const auto item = [&](size_t i) { return pickle.values[tuple.items[i]]; };
  EXPECT_EQ(item(0).kind, Kind::kNone);
  EXPECT_EQ(item(1).integer, 1);
  EXPECT_EQ(item(2).kind, Kind::kBool);
  EXPECT_EQ(item(3).integer, 255);
  EXPECT_EQ(item(4).integer, 0x0201);
  EXPECT_EQ(item(5).integer, -2);
  EXPECT_EQ(item(6).integer, -(int64_t{1} << 23));
  EXPECT_EQ(item(7).kind, Kind::kReal);
  EXPECT_EQ(item(8).text, "word");
  EXPECT_EQ(item(9).items.size(), 2u);
  EXPECT_EQ(item(10).kind, Kind::kDict);
}

TEST(PickleTest, ReadsATensorAsAViewIntoItsStorage) {
  const Pickle pickle = Read(Tensor(0, 2, 3)).value();
  const PickledTensor& tensor = *pickle.values[pickle.root].tensor;
  EXPECT_EQ(tensor.dtype, "F32");
  EXPECT_EQ(tensor.storage, "0");
  EXPECT_EQ(tensor.storage_values, 6);
  EXPECT_THAT(tensor.shape, ElementsAre(2, 3));
  EXPECT_THAT(tensor.strides, ElementsAre(3, 1));
}

TEST(PickleTest, RecallsWhatItKept) {
  const Pickle pickle = Read(absl::StrCat("(", Text("word"), "q\x07", "h\x07", "t")).value();
  const PickleValue& tuple = pickle.values[pickle.root];
  ASSERT_EQ(tuple.items.size(), 2u);
  EXPECT_EQ(tuple.items[0], tuple.items[1]);
}

TEST(PickleTest, CallsNothingAndNamesWhatItWouldHaveCalled) {
  EXPECT_THAT(Read("cposix\nsystem\n(Vtrue\ntR"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(StartsWith("not-a-state-dict: "), HasSubstr("posix.system"))));
  EXPECT_THAT(Read(absl::StrCat(Text("builtins"), Text("eval"), "\x93")),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("builtins.eval")));
  EXPECT_THAT(Read("ctorch._utils\n_rebuild_tensor_v2 \n"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("_rebuild_tensor_v2 ")));
}

TEST(PickleTest, NameOfACallReachesNoTerminalRaw) {
  EXPECT_THAT(Read("ca\x1b[2J\nb\n"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("a\\x1b[2J.b")));
}

TEST(PickleTest, OpcodesThatMakeObjectsOfOtherTypesHaveNoPlace) {
  for (const std::string opcode : {"ios\nsystem\n", "o", "\x81", "\x92", "\x82\x01", "P1\n", "\x97"}) {
    EXPECT_THAT(Read(absl::StrCat("(", opcode)),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("has no place")));
  }
}

TEST(PickleTest, RefusesTruncatedPickles) {
  const std::string whole = absl::StrCat(kProto, Tensor(0, 2, 3), ".");
  for (size_t bytes = 0; bytes < whole.size(); ++bytes) {
    EXPECT_FALSE(ReadPickle(absl::string_view(whole).substr(0, bytes)).ok()) << bytes;
  }
}

TEST(PickleTest, RefusesATensorThatLeavesItsStorage) {
  EXPECT_THAT(Read(Tensor(1, 2, 3)),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("leaves its storage")));
  EXPECT_THAT(Read(Tensor(0, 3, 3)),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("leaves its storage")));
  EXPECT_THAT(Read(Tensor(0, 2, 4)),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("leaves its storage")));
  EXPECT_FALSE(Read(Tensor(-1, 2, 3)).ok());
  EXPECT_FALSE(Read(Tensor(0, -2, 3)).ok());
  EXPECT_FALSE(Read(Tensor(3, 2, -3)).ok());
}

struct BadPickle {
  const char* what;
  std::string opcodes;
};
class BadPickleTest : public ::testing::TestWithParam<BadPickle> {};

TEST_P(BadPickleTest, IsRefused) {
  EXPECT_THAT(Read(GetParam().opcodes),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("not-a-state-dict: ")));
}

INSTANTIATE_TEST_SUITE_P(
    Pickles, BadPickleTest,
    ::testing::Values(BadPickle{"Empty", ""}, BadPickle{"NeverKept", "h\x05"},
                      BadPickle{"KeepsNothing", "q\x05"}, BadPickle{"NoMark", "t"},
                      BadPickle{"MarkGone", "NN(\x86t"}, BadPickle{"TupleOfTooMany", "N\x87"},
                      BadPickle{"KeyWithoutValue", "}(Nu"}, BadPickle{"ItemsOfANumber", "K\x01NNs"},
                      BadPickle{"AppendsToADict", "}Na"}, BadPickle{"CallsANumber", "K\x01)R"},
                      BadPickle{"CallsAStorageType", "ctorch\nFloatStorage\n)R"},
                      BadPickle{"DictOfItems", "ccollections\nOrderedDict\nN\x85R"},
                      BadPickle{"TensorOfNothing", "ctorch._utils\n_rebuild_tensor_v2\n)R"},
                      BadPickle{"ParameterOfNothing", "ctorch._utils\n_rebuild_parameter\nN\x85R"},
                      BadPickle{"StorageOfNothing", "NQ"}, BadPickle{"NegativeStorage", Storage(-1)},
                      BadPickle{"AttributesOfANumber", "K\x01}b"}, BadPickle{"ProtocolSix", "\x80\x06N"},
                      BadPickle{"IntegerOfNineBytes",
                                "\x8a\x09"
                                "123456789"}),
    [](const auto& info) { return std::string(info.param.what); });

}  // namespace
}  // namespace consort
