#include "common/state_dict/model_import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "absl/strings/str_cat.h"
#include "common/artifact/safetensors.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort {
namespace {

using ::consort::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::vector<NamedTensor> kLayout = {{"first.weight", {2, 3}}, {"second.weight", {3, 2}}};

std::string Vector(const std::string& name) {
  return testing::ReadFileOrDie(absl::StrCat(CONSORT_SOURCE_DIR, "/tests/vectors/state_dict/", name));
}

struct Tensor {
  std::string name;
  std::vector<int64_t> shape;
  std::vector<float> values;
};

std::string File(const std::vector<Tensor>& tensors) {
  std::vector<TensorView> views;
  for (const Tensor& tensor : tensors) {
    views.push_back({tensor.name,
                     "F32",
                     tensor.shape,
                     {reinterpret_cast<const char*>(tensor.values.data()), tensor.values.size() * 4}});
  }
  return WriteSafetensors(views, {}).value();
}

const Tensor kFirst = {"first.weight", {2, 3}, {1, 2, 3, 4, 5, 6}};
const Tensor kSecond = {"second.weight", {3, 2}, {7, 8, 9, 10, 11, 12}};

absl::StatusOr<ImportedModel> Import(const std::string& file, const std::string& base = "") {
  return ImportModel(ReadStateDict(file).value(), kLayout, "example", base);
}

// "tensor: outcome" of each line.
std::vector<std::string> Report(const ImportedModel& model) {
  std::vector<std::string> lines;
  for (const ImportLine& line : model.lines) {
    lines.push_back(absl::StrCat(line.tensor, ": ", OutcomeWord(line.outcome)));
  }
  return lines;
}

std::vector<float> ValuesIn(const std::string& file, const std::string& name) {
  const std::vector<StoredTensor> tensors = ReadStateDict(file).value();
  for (const StoredTensor& tensor : tensors) {
    if (tensor.name == name) return FloatValues(tensor);
  }
  return {};
}

TEST(ModelImportTest, WritesTheWholeModelWithItsArchitecture) {
  const ImportedModel model = Import(File({kFirst, kSecond})).value();
  EXPECT_THAT(Report(model), ElementsAre("first.weight: matched", "second.weight: matched"));
  const SafetensorsHeader header = SafetensorsHeader::Parse(model.file, model.file.size()).value();
  EXPECT_EQ(header.metadata().at("consort.architecture"), "example");
  EXPECT_THAT(ValuesIn(model.file, "second.weight"), ElementsAre(7, 8, 9, 10, 11, 12));
}

TEST(ModelImportTest, OtherFloatsAreConverted) {
  const ImportedModel model = Import(Vector("bfloat16.pt")).value();
  EXPECT_THAT(Report(model), ElementsAre("first.weight: converted", "second.weight: converted"));
  EXPECT_EQ(model.lines[0].detail, "first.weight BF16");
  EXPECT_THAT(ValuesIn(model.file, "second.weight"), ElementsAre(0.5, 2, 1, 2.5, 1.5, 3));
}

TEST(ModelImportTest, WrappersAreTakenOffNames) {
  const ImportedModel model = Import(Vector("lightning.pt")).value();
  EXPECT_THAT(Report(model),
              ElementsAre("first.weight: matched", "second.weight: matched", "model.batches: extra"));
  EXPECT_EQ(model.lines[0].detail, "model.first.weight");
  const Tensor wrapped = {"module._orig_mod.model.first.weight", {2, 3}, kFirst.values};
  EXPECT_TRUE(Import(File({wrapped, kSecond})).value().complete());
}

TEST(ModelImportTest, WeightNormFoldsAsPyTorchFoldsIt) {
  const std::vector<StoredTensor> folded = ReadStateDict(Vector("weight-norm-folded.pt")).value();
  const std::string pair = Vector("weight-norm.pt"), reference = Vector("weight-norm-folded.pt");
  const ImportedModel model =
      ImportModel(ReadStateDict(pair).value(), {{"weight", {3, 2, 2}}}, "example", "").value();
  EXPECT_THAT(Report(model), ElementsAre("weight: folded"));
  const std::vector<float> expected = ValuesIn(reference, "weight");
  const std::vector<float> found = ValuesIn(model.file, "weight");
  ASSERT_EQ(found.size(), expected.size());
  for (size_t i = 0; i < found.size(); ++i) EXPECT_THAT(found[i], FloatNear(expected[i], 1e-6f));
}

TEST(ModelImportTest, WeightNormByParametrizationIsFolded) {
  // By hand: slices of length 5 and 10, gains 10 and 1.
  const ImportedModel model =
      Import(File({{"first.parametrizations.weight.original0", {2, 1}, {10, 1}},
                   {"first.parametrizations.weight.original1", {2, 3}, {3, 0, 4, 6, 8, 0}},
                   kSecond}))
          .value();
  EXPECT_THAT(Report(model), ElementsAre("first.weight: folded", "second.weight: matched"));
  EXPECT_THAT(ValuesIn(model.file, "first.weight"),
              ElementsAre(6, 0, 8, FloatNear(0.6f, 1e-7f), FloatNear(0.8f, 1e-7f), 0));
}

TEST(ModelImportTest, MissingTensorsForbidTheModel) {
  const ImportedModel model = Import(File({kFirst})).value();
  EXPECT_THAT(Report(model), ElementsAre("first.weight: matched", "second.weight: missing"));
  EXPECT_FALSE(model.complete());
}

TEST(ModelImportTest, BaseFillsWhatIsMissingOrMisshapen) {
  const std::string base = File({kFirst, kSecond});
  const Tensor other = {"first.weight", {2, 3}, {0, 0, 0, 0, 0, 1}};
  const ImportedModel model = Import(File({other}), base).value();
  EXPECT_THAT(Report(model), ElementsAre("first.weight: matched", "second.weight: from-base"));
  EXPECT_THAT(ValuesIn(model.file, "first.weight"), ElementsAre(0, 0, 0, 0, 0, 1));
  EXPECT_THAT(ValuesIn(model.file, "second.weight"), ElementsAre(7, 8, 9, 10, 11, 12));
  EXPECT_THAT(Report(Import(File({other, {"second.weight", {6}, kSecond.values}}), base).value()),
              ElementsAre("first.weight: matched", "second.weight: from-base"));
}

TEST(ModelImportTest, MisshapenTensorsForbidTheModelAndSayHow) {
  const ImportedModel model = Import(File({kFirst, {"second.weight", {2, 3}, kSecond.values}})).value();
  EXPECT_THAT(Report(model), ElementsAre("first.weight: matched", "second.weight: misshapen"));
  EXPECT_EQ(model.lines[1].detail, "F32 [2, 3], expected floats [3, 2]");
  EXPECT_FALSE(model.complete());
}

TEST(ModelImportTest, HalfAPairIsNoWeight) {
  for (const char* half : {"second.weight_v", "second.weight_g"}) {
    const ImportedModel model = Import(File({kFirst, {half, {3, 2}, kSecond.values}})).value();
    EXPECT_THAT(Report(model), ElementsAre("first.weight: matched", "second.weight: misshapen"));
    EXPECT_THAT(model.lines[1].detail, HasSubstr("half of a weight-norm pair"));
  }
}

TEST(ModelImportTest, GainsMustBeOnePerSlice) {
  const ImportedModel model =
      Import(File({kFirst, {"second.weight_v", {3, 2}, kSecond.values}, {"second.weight_g", {1, 2}, {1, 1}}}))
          .value();
  EXPECT_THAT(Report(model), ElementsAre("first.weight: matched", "second.weight: misshapen"));
}

TEST(ModelImportTest, ValuesThatAreNoNumbersForbidTheModelEvenWithABase) {
  Tensor bad = kFirst;
  bad.values[4] = std::numeric_limits<float>::quiet_NaN();
  const std::string base = File({kFirst, kSecond});
  for (const std::string& given : {std::string(), base}) {
    const ImportedModel model = Import(File({bad, kSecond}), given).value();
    EXPECT_THAT(Report(model), ElementsAre("first.weight: not-finite", "second.weight: matched"));
    EXPECT_FALSE(model.complete());
  }
  EXPECT_FALSE(Import(File({kSecond}), File({bad, kSecond})).value().complete());
}

TEST(ModelImportTest, ZeroDirectionsAreNotFinite) {
  const ImportedModel model = Import(File({kFirst,
                                           {"second.weight_v", {3, 2}, {1, 2, 0, 0, 3, 4}},
                                           {"second.weight_g", {3, 1}, {1, 1, 1}}}))
                                  .value();
  EXPECT_THAT(Report(model), ElementsAre("first.weight: matched", "second.weight: not-finite"));
}

TEST(ModelImportTest, RefusesTheModelOfAnotherArchitecture) {
  EXPECT_THAT(Import(File({{"transformer.wte.weight", {2}, {1, 2}}})),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(StartsWith("wrong-architecture: "), HasSubstr("transformer.wte.weight"),
                             HasSubstr("first.weight"))));
}

TEST(ModelImportTest, RefusesTwoTensorsForOneWeight) {
  const Tensor wrapped = {"model.first.weight", {2, 3}, kFirst.values};
  EXPECT_THAT(Import(File({kFirst, wrapped, kSecond})),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(StartsWith("artifact-damaged: "), HasSubstr("model.first.weight"))));
  const Tensor gains = {"first.weight_g", {2, 1}, {1, 1}};
  EXPECT_THAT(Import(File({kFirst, gains, kSecond})),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("first.weight_g")));
}

TEST(ModelImportTest, RefusesABaseOfAnotherArchitecture) {
  EXPECT_THAT(Import(File({kFirst}), File({kFirst})),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(StartsWith("wrong-architecture: "), HasSubstr("second.weight"))));
}

}  // namespace
}  // namespace consort
