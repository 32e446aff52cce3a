// Files that PyTorch wrote (tests/vectors/state_dict/make.py), and files spelled by hand.
#include "common/state_dict/state_dict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/artifact/safetensors.h"
#include "tests/common/state_dict/zip_file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort {
namespace {

using ::consort::testing::Little;
using ::consort::testing::StatusIs;
using ::consort::testing::ZipFile;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string Vector(const std::string& name) {
  return testing::ReadFileOrDie(absl::StrCat(CONSORT_SOURCE_DIR, "/tests/vectors/state_dict/", name));
}

class FloatTypesTest : public ::testing::TestWithParam<const char*> {};

TEST_P(FloatTypesTest, ValuesOfATensorAndOfATransposedViewAreThoseThatWereSaved) {
  const std::string file = Vector(GetParam());
  const std::vector<StoredTensor> tensors = ReadStateDict(file).value();
  ASSERT_EQ(tensors.size(), 2u);
  EXPECT_EQ(tensors[0].name, "first.weight");
  EXPECT_THAT(tensors[0].shape, ElementsAre(2, 3));
  EXPECT_THAT(FloatValues(tensors[0]), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_EQ(tensors[1].name, "second.weight");
  EXPECT_THAT(tensors[1].shape, ElementsAre(3, 2));
  EXPECT_THAT(FloatValues(tensors[1]), ElementsAre(0.5, 2, 1, 2.5, 1.5, 3));
}

INSTANTIATE_TEST_SUITE_P(Files, FloatTypesTest,
                         ::testing::Values("float32.pt", "float16.pt", "bfloat16.pt", "float64.pt"));

TEST(StateDictTest, TakesTheStateDictOfALightningCheckpoint) {
  const std::string file = Vector("lightning.pt");
  const std::vector<StoredTensor> tensors = ReadStateDict(file).value();
  ASSERT_EQ(tensors.size(), 3u);
  EXPECT_EQ(tensors[0].name, "model.batches");
  EXPECT_FALSE(HasFloats(tensors[0]));
  EXPECT_EQ(tensors[1].name, "model.first.weight");
}

TEST(StateDictTest, TakesParametersAndModulesStateDicts) {
  const std::string parameter = Vector("parameter.pt"), module = Vector("weight-norm.pt");
  EXPECT_THAT(FloatValues(ReadStateDict(parameter).value()[0]), ElementsAre(1, 2, 3, 4, 5, 6));
  const std::vector<StoredTensor> tensors = ReadStateDict(module).value();
  ASSERT_EQ(tensors.size(), 2u);
  EXPECT_EQ(tensors[0].name, "weight_g");
  EXPECT_EQ(tensors[1].name, "weight_v");
}

TEST(StateDictTest, RefusesAWholeModuleByTheClassItNames) {
  EXPECT_THAT(ReadStateDict(Vector("module.pt")),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(StartsWith("not-a-state-dict: "), HasSubstr("torch.nn.modules.linear.Linear"))));
}

TEST(StateDictTest, RefusesTheFormatBeforeZip) {
  EXPECT_THAT(ReadStateDict(Vector("legacy.pt")),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("since PyTorch 1.6")));
}

TEST(StateDictTest, RefusesTruncatedFiles) {
  const std::string file = Vector("float32.pt");
  for (size_t bytes = 0; bytes < file.size(); bytes += 7) {
    EXPECT_FALSE(ReadStateDict(absl::string_view(file).substr(0, bytes)).ok()) << bytes;
  }
}

// A dict with one tensor of two values.
std::string OneTensorPickle(const std::string& name) {
  const auto text = [](const std::string& word) { return absl::StrCat("X", Little(word.size(), 4), word); };
  return absl::StrCat("\x80\x02}", text(name), "ctorch._utils\n_rebuild_tensor_v2\n((", text("storage"),
                      "ctorch\nFloatStorage\n", text("0"), text("cpu"), "K\x02tQ", "J", Little(0, 4),
                      "K\x02\x85K\x01\x85\x89}tRs.");
}

TEST(StateDictTest, ByteOrderOfTheFileMustBeLittleEndian) {
  const std::string two(8, '\0');
  const std::string pickle = OneTensorPickle("w");
  EXPECT_EQ(ReadStateDict(ZipFile({{"a/data.pkl", pickle}, {"a/byteorder", "little"}, {"a/data/0", two}}))
                .value()
                .size(),
            1u);
  EXPECT_THAT(ReadStateDict(ZipFile({{"a/data.pkl", pickle}, {"a/byteorder", "big"}, {"a/data/0", two}})),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("big-endian")));
}

TEST(StateDictTest, RefusesStoragesThatAreMissingOrOfAnotherLength) {
  const std::string pickle = OneTensorPickle("w");
  EXPECT_THAT(ReadStateDict(ZipFile({{"a/data.pkl", pickle}})),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("lacks the values of a tensor: w")));
  EXPECT_THAT(ReadStateDict(ZipFile({{"a/data.pkl", pickle}, {"a/data/0", std::string(4, '\0')}})),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("another length")));
}

TEST(StateDictTest, RefusesNamesThatGoToNoTerminal) {
  EXPECT_THAT(ReadStateDict(
                  ZipFile({{"a/data.pkl", OneTensorPickle("w\x1b[2J")}, {"a/data/0", std::string(8, '\0')}})),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not plain ASCII")));
}

TEST(StateDictTest, RefusesZipFilesThatHoldNoStateDict) {
  EXPECT_THAT(ReadStateDict(ZipFile({{"a/model.bin", "x"}})),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no data.pkl")));
  EXPECT_THAT(ReadStateDict(ZipFile({{"a/data.pkl", "\x80\x02K\x01."}})),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("holds no dict")));
}

TEST(StateDictTest, DictThatHoldsItselfEnds) {
  // d = {}; d["k"] = d, kept and recalled.
  const std::string pickle =
      absl::StrCat("\x80\x02}q", Little(0, 1), "X", Little(1, 4), "kh", Little(0, 1), "s.");
  EXPECT_THAT(ReadStateDict(ZipFile({{"a/data.pkl", pickle}})),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("deeper")));
}

TEST(StateDictTest, ReadsSafetensorsOfAnyFloat) {
  const std::string bytes = absl::StrCat(Little(0x3C00, 2), Little(0xC000, 2));  // 1 and -2 in binary16
  const std::string file = WriteSafetensors({{"w", "F16", {2}, bytes}}, {}).value();
  EXPECT_THAT(FloatValues(ReadStateDict(file).value()[0]), ElementsAre(1, -2));
}

TEST(FloatValuesTest, HalfPrecisionIsExactAtItsEdges) {
  // IEEE 754 binary16: largest, smallest normal, smallest subnormal, -0, infinity, NaN.
  std::string bytes;
  for (const uint16_t half : {0x7BFF, 0x0400, 0x0001, 0x8000, 0x7C00, 0x7E00}) bytes += Little(half, 2);
  const std::vector<float> values = FloatValues({"w", "F16", {6}, {1}, 0, bytes});
  EXPECT_EQ(values[0], 65504.0f);
  EXPECT_EQ(values[1], std::ldexp(1.0f, -14));
  EXPECT_EQ(values[2], std::ldexp(1.0f, -24));
  EXPECT_EQ(std::bit_cast<uint32_t>(values[3]), 0x80000000u);
  EXPECT_TRUE(std::isinf(values[4]));
  EXPECT_TRUE(std::isnan(values[5]));
}

}  // namespace
}  // namespace consort
