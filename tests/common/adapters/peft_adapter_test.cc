#include "common/adapters/peft_adapter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "common/artifact/safetensors.h"
#include "tests/support/status_matchers.h"

namespace consort {
namespace {

using ::consort::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// A convolution [out, in, taps], a transposed one [in, out, taps] and a linear layer [out, in].
const std::vector<NamedTensor> kLayout = {
    {"encoder.stem.weight", {4, 3, 7}}, {"generator.up.weight", {6, 2, 5}}, {"head.weight", {3, 2}}};

struct Tensor {
  std::string name;
  std::vector<int64_t> shape;
};

// Tensors with values 0, 1, 2, ... each.
std::string File(const std::vector<Tensor>& tensors, const std::string& dtype = "F32") {
  std::vector<std::string> data;
  for (const Tensor& tensor : tensors) {
    int64_t size = 1;
    for (const int64_t extent : tensor.shape) size *= extent;
    std::vector<float> values;
    for (int64_t i = 0; i < size; ++i) values.push_back(static_cast<float>(i));
    data.emplace_back(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
  }
  std::vector<TensorView> views;
  for (size_t i = 0; i < tensors.size(); ++i)
    views.push_back({tensors[i].name, dtype, tensors[i].shape, data[i]});
  return WriteSafetensors(views, {}).value();
}

const std::vector<Tensor> kState = {
    {"encoder.stem.weight.lora_A", {2, 21}}, {"encoder.stem.weight.lora_B", {4, 2}},
    {"generator.up.weight.lora_A", {2, 10}}, {"generator.up.weight.lora_B", {6, 2}},
    {"head.weight.lora_A", {2, 2}},          {"head.weight.lora_B", {3, 2}}};

TEST(PeftAdapterTest, NamesAndShapesAreThoseOfPeft) {
  const PeftAdapter adapter = ToPeft(File(kState), 16, kLayout, "rave-tiny").value();
  const SafetensorsHeader header = SafetensorsHeader::Parse(adapter.model, adapter.model.size()).value();
  ASSERT_EQ(header.tensors().size(), 6u);
  const auto shape = [&](const std::string& key) { return header.Find("base_model.model." + key)->shape; };
  // PEFT's Conv1d adapter: A is a convolution to r channels, B one of a single tap.
  EXPECT_THAT(shape("encoder.stem.lora_A.weight"), ElementsAre(2, 3, 7));
  EXPECT_THAT(shape("encoder.stem.lora_B.weight"), ElementsAre(4, 2, 1));
  EXPECT_THAT(shape("generator.up.lora_A.weight"), ElementsAre(2, 2, 5));
  EXPECT_THAT(shape("generator.up.lora_B.weight"), ElementsAre(6, 2, 1));
  EXPECT_THAT(shape("head.lora_A.weight"), ElementsAre(2, 2));
  EXPECT_THAT(shape("head.lora_B.weight"), ElementsAre(3, 2));
}

TEST(PeftAdapterTest, SumsOfLatentsStayBehind) {
  std::vector<Tensor> state = kState;
  state.push_back({"statistics/latent/count", {3}});
  EXPECT_EQ(ToPeft(File(state), 16, kLayout, "")->model, ToPeft(File(kState), 16, kLayout, "")->model);
  state.push_back({"statistics/latent/counts", {3}});
  EXPECT_THAT(ToPeft(File(state), 16, kLayout, "").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("statistics/latent/counts")));
}

TEST(PeftAdapterTest, ConfigSaysWhatPeftAsksFor) {
  const auto config = nlohmann::json::parse(ToPeft(File(kState), 16, kLayout, "rave-tiny").value().config);
  EXPECT_EQ(config["peft_type"], "LORA");
  EXPECT_EQ(config["r"], 2);
  EXPECT_EQ(config["lora_alpha"], 16.0);
  EXPECT_EQ(config["lora_dropout"], 0.0);
  EXPECT_EQ(config["bias"], "none");
  EXPECT_EQ(config["use_rslora"], false);
  EXPECT_EQ(config["base_model_name_or_path"], "rave-tiny");
  EXPECT_EQ(config["target_modules"], (std::vector<std::string>{"encoder.stem", "generator.up", "head"}));
}

TEST(PeftAdapterTest, WhatIsWrittenIsReadBackToTheByte) {
  const AdapterState state = FromPeft(ToPeft(File(kState), 16, kLayout, "").value(), kLayout).value();
  EXPECT_EQ(state.file, File(kState));
  EXPECT_EQ(state.rank, 2);
  EXPECT_EQ(state.alpha, 16);
}

TEST(PeftAdapterTest, WeightsWithoutAdapterAreLeftOut) {
  const std::string state = File({kState[0], kState[1]});
  const PeftAdapter adapter = ToPeft(state, 1, kLayout, "").value();
  EXPECT_THAT(adapter.config, Not(HasSubstr("generator.up")));
  EXPECT_EQ(FromPeft(adapter, kLayout).value().file, state);
}

TEST(PeftAdapterTest, ScaleOfRsLoraBecomesOurs) {
  PeftAdapter adapter = ToPeft(File(kState), 16, kLayout, "").value();
  adapter.config = R"({"peft_type": "LORA", "r": 2, "lora_alpha": 3, "use_rslora": true})";
  // 3 / sqrt(2) is 3 sqrt(2) / 2.
  EXPECT_NEAR(FromPeft(adapter, kLayout).value().alpha, 4.2426406871, 1e-9);
}

struct BadFile {
  const char* what;
  std::vector<Tensor> tensors;
  const char* message;
};
class BadStateTest : public ::testing::TestWithParam<BadFile> {};

TEST_P(BadStateTest, IsRefusedByName) {
  EXPECT_THAT(ToPeft(File(GetParam().tensors), 1, kLayout, ""),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(GetParam().message)));
}

INSTANTIATE_TEST_SUITE_P(
    States, BadStateTest,
    ::testing::Values(
        BadFile{"WholeModel", {{"head.weight", {3, 2}}}, "no factor A"},
        BadFile{"OneFactor", {{"head.weight.lora_A", {2, 2}}}, "lacks one of its factors: head.weight"},
        BadFile{"TwoRanks",
                {kState[0], kState[1], {"head.weight.lora_A", {1, 2}}, {"head.weight.lora_B", {3, 1}}},
                "expected rank 2: head.weight.lora_A"},
        BadFile{"Misshapen",
                {{"head.weight.lora_A", {2, 3}}, {"head.weight.lora_B", {3, 2}}},
                "head.weight.lora_A"},
        BadFile{"OtherArchitecture",
                {{"tail.weight.lora_A", {2, 2}}, {"tail.weight.lora_B", {3, 2}}},
                "tail.weight.lora_A"},
        BadFile{"Extra", {kState[4], kState[5], {"head.bias", {3}}}, "head.bias"}),
    [](const auto& info) { return std::string(info.param.what); });

TEST(PeftAdapterTest, RefusesOtherTypesAndBrokenFiles) {
  EXPECT_THAT(ToPeft(File(kState, "I32"), 1, kLayout, ""),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("wrong-architecture: ")));
  EXPECT_THAT(ToPeft("not a file", 1, kLayout, ""),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("artifact-damaged: ")));
  for (const double alpha : {0.0, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_THAT(ToPeft(File(kState), alpha, kLayout, ""),
                StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("not-an-adapter: ")));
  }
}

class BadConfigTest : public ::testing::TestWithParam<const char*> {};

TEST_P(BadConfigTest, IsRefused) {
  PeftAdapter adapter = ToPeft(File(kState), 16, kLayout, "").value();
  adapter.config = GetParam();
  EXPECT_THAT(FromPeft(adapter, kLayout),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("not-an-adapter: ")));
}

INSTANTIATE_TEST_SUITE_P(
    Configs, BadConfigTest,
    ::testing::Values("", "[]", "{", R"({"r": 2, "lora_alpha": 1})",
                      R"({"peft_type": "IA3", "r": 2, "lora_alpha": 1})",
                      R"({"peft_type": "LORA", "r": 0, "lora_alpha": 1})",
                      R"({"peft_type": "LORA", "r": 65, "lora_alpha": 1})",
                      R"({"peft_type": "LORA", "r": 2.5, "lora_alpha": 1})",
                      R"({"peft_type": "LORA", "r": 2})", R"({"peft_type": "LORA", "r": 2, "lora_alpha": 0})",
                      R"({"peft_type": "LORA", "r": 2, "lora_alpha": 1, "bias": "all"})",
                      R"({"peft_type": "LORA", "r": 2, "lora_alpha": 1, "use_dora": true})",
                      R"({"peft_type": "LORA", "r": 2, "lora_alpha": 1, "rank_pattern": {"head": 4}})",
                      R"({"peft_type": "LORA", "r": 2, "lora_alpha": 1, "modules_to_save": ["head"]})"));

TEST(PeftAdapterTest, RankOfTheConfigMustBeThatOfTheFile) {
  PeftAdapter adapter = ToPeft(File(kState), 16, kLayout, "").value();
  adapter.config = R"({"peft_type": "LORA", "r": 4, "lora_alpha": 1})";
  EXPECT_THAT(FromPeft(adapter, kLayout),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(StartsWith("wrong-architecture: "), HasSubstr("expected rank 4"))));
}

}  // namespace
}  // namespace consort
