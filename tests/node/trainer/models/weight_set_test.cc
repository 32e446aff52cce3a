#include "node/trainer/models/weight_set.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "node/trainer/models/rave_network.h"
#include "node/trainer/models/tensor_file.h"
#include "tests/support/status_matchers.h"

namespace consort::trainer {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// The network's order is not the names' order.
const std::vector<NamedTensor> kLayout = {{"second.weight", {2, 1, 3}}, {"first.weight", {1, 2, 1}}};
const std::vector<float> kValues = {1, 2, 3, 4, 5, 6, /*first.weight:*/ 7, 8};

std::string Base() { return WriteTensors(kLayout, kValues, {}).value(); }

Adaptation Adapters(uint64_t seed) { return {.rank = 2, .alpha = 4, .seed = seed}; }

TEST(WeightSetTest, TrainableTensorsAreInNameOrder) {
  const auto weights = WeightSet::Load(kLayout, Base(), {}, Adaptation()).value();
  ASSERT_EQ(weights->trainable().size(), 2u);
  EXPECT_EQ(weights->trainable()[0].name, "first.weight");
  EXPECT_THAT(weights->values(), ElementsAre(7, 8, 1, 2, 3, 4, 5, 6));
}

TEST(WeightSetTest, GradientsArriveInTheFlatArray) {
  const auto weights = WeightSet::Load(kLayout, Base(), {}, Adaptation()).value();
  // Loss = sum of the first weight in the network's order plus twice the second.
  const std::vector<at::Tensor> effective = weights->Effective();
  (effective[0].sum() + 2 * effective[1].sum()).backward();
  EXPECT_THAT(weights->gradients(), ElementsAre(2, 2, 1, 1, 1, 1, 1, 1));
  weights->ClearGradients();
  EXPECT_THAT(weights->gradients(), ElementsAre(0, 0, 0, 0, 0, 0, 0, 0));
}

TEST(WeightSetTest, AdaptersStartAtTheBase) {
  const auto weights = WeightSet::Load(kLayout, Base(), {}, Adapters(1)).value();
  EXPECT_EQ(weights->SaveMerged({}).value(), Base());
}

TEST(WeightSetTest, AdapterAddsAlphaOverRankTimesBTimesA) {
  const std::vector<NamedTensor> layout = {{"w", {2, 1, 3}}};
  const std::string base = WriteTensors(layout, std::vector<float>(6, 1.0f), {}).value();
  const std::string state = WriteTensors({{"w.lora_A", {1, 3}}, {"w.lora_B", {2, 1}}},
                                         std::vector<float>{1, 2, 3, /*B:*/ 10, 20}, {})
                                .value();
  const auto weights = WeightSet::Load(layout, base, state, {.rank = 1, .alpha = 0.5}).value();
  EXPECT_THAT(weights->values(), ElementsAre(10, 20));
  // By hand: 1 + 0.5 * B * A.
  EXPECT_EQ(weights->SaveMerged({}).value(),
            WriteTensors(layout, std::vector<float>{6, 11, 16, 11, 21, 31}, {}).value());
}

TEST(WeightSetTest, FrozenFactorComesFromTheSeedAndStaysInTheState) {
  const auto weights = WeightSet::Load(kLayout, Base(), {}, Adapters(1)).value();
  const std::string state = weights->SaveState({}).value();
  EXPECT_EQ(WeightSet::Load(kLayout, Base(), {}, Adapters(1)).value()->SaveState({}).value(), state);
  EXPECT_NE(WeightSet::Load(kLayout, Base(), {}, Adapters(2)).value()->SaveState({}).value(), state);
  // With a state the seed has no say.
  EXPECT_EQ(WeightSet::Load(kLayout, Base(), state, Adapters(2)).value()->SaveState({}).value(), state);
}

std::vector<std::string> Names(const std::vector<NamedTensor>& tensors) {
  std::vector<std::string> names;
  for (const NamedTensor& tensor : tensors) names.push_back(tensor.name);
  return names;
}

TEST(WeightSetTest, RoundTrainsOneFactorOfAStateThatHoldsBoth) {
  const auto trains_a =
      WeightSet::Load(kLayout, Base(), {}, {.rank = 1, .alpha = 1, .seed = 1, .trained = Factor::kA}).value();
  const auto trains_b =
      WeightSet::Load(kLayout, Base(), {}, {.rank = 1, .alpha = 1, .seed = 1, .trained = Factor::kB}).value();
  EXPECT_THAT(Names(trains_a->trainable()), ElementsAre("first.weight.lora_A", "second.weight.lora_A"));
  EXPECT_THAT(Names(trains_b->trainable()), ElementsAre("first.weight.lora_B", "second.weight.lora_B"));
  EXPECT_THAT(trains_a->trainable()[1].shape, ElementsAre(1, 3));
  EXPECT_THAT(trains_b->trainable()[1].shape, ElementsAre(2, 1));
  EXPECT_EQ(trains_a->SaveState({}).value(), trains_b->SaveState({}).value());
}

TEST(WeightSetTest, TrainedFactorChangesTheStateAndTheOtherStays) {
  const std::vector<NamedTensor> layout = {{"w", {2, 1, 3}}};
  const std::string base = WriteTensors(layout, std::vector<float>(6, 1.0f), {}).value();
  const std::vector<NamedTensor> state = {{"w.lora_A", {1, 3}}, {"w.lora_B", {2, 1}}};
  const std::string before = WriteTensors(state, std::vector<float>{1, 2, 3, /*B:*/ 10, 20}, {}).value();
  const auto weights =
      WeightSet::Load(layout, base, before, {.rank = 1, .alpha = 0.5, .trained = Factor::kA}).value();
  ASSERT_THAT(weights->values(), ElementsAre(1, 2, 3));
  weights->values()[2] = 5;
  EXPECT_EQ(weights->SaveState({}).value(),
            WriteTensors(state, std::vector<float>{1, 2, 5, /*B:*/ 10, 20}, {}).value());
  // By hand: 1 + 0.5 * B * A.
  EXPECT_EQ(weights->SaveMerged({}).value(),
            WriteTensors(layout, std::vector<float>{6, 11, 26, 11, 21, 51}, {}).value());
}

TEST(WeightSetTest, FrozenWeightIsInTheModelOnly) {
  const auto weights = WeightSet::Load(kLayout, Base(), {}, {.frozen = {"sec*"}}).value();
  EXPECT_THAT(Names(weights->trainable()), ElementsAre("first.weight"));
  EXPECT_EQ(weights->SaveState({}).value(),
            WriteTensors({kLayout[1]}, absl::MakeConstSpan(kValues).subspan(6), {}).value());
  EXPECT_EQ(weights->SaveMerged({}).value(), Base());
  const std::vector<at::Tensor> effective = weights->Effective();
  (effective[0].sum() + 2 * effective[1].sum()).backward();
  EXPECT_THAT(weights->gradients(), ElementsAre(2, 2));
}

TEST(WeightSetTest, StateWithoutFrozenWeightsLoadsOverTheBase) {
  const Adaptation adaptation = {.frozen = {"second.*"}};
  const std::string state = WriteTensors({kLayout[1]}, std::vector<float>{70, 80}, {}).value();
  const auto weights = WeightSet::Load(kLayout, Base(), state, adaptation).value();
  EXPECT_EQ(weights->SaveMerged({}).value(),
            WriteTensors(kLayout, std::vector<float>{1, 2, 3, 4, 5, 6, 70, 80}, {}).value());
}

TEST(WeightSetTest, FrozenWeightGetsNoAdapter) {
  const auto weights =
      WeightSet::Load(kLayout, Base(), {}, {.rank = 1, .alpha = 1, .seed = 1, .frozen = {"first.*"}}).value();
  EXPECT_THAT(Names(weights->trainable()), ElementsAre("second.weight.lora_B"));
  EXPECT_EQ(weights->SaveMerged({}).value(), Base());
}

TEST(WeightSetTest, RefusesToFreezeWhatIsNotThere) {
  EXPECT_THAT(WeightSet::Load(kLayout, Base(), {}, {.frozen = {"third.*"}}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(StartsWith("wrong-job"), HasSubstr("third.*"), HasSubstr("second.weight"))));
}

TEST(WeightSetTest, AdaptersOfTheSmallNetworkHaveThePublishedNumberOfValues) {
  const RaveNetwork network{RaveShape()};
  const std::string base = WeightSet::Initialise(network.weights(), 1).value()->SaveMerged({}).value();
  const auto weights =
      WeightSet::Load(network.weights(), base, {}, {.rank = 8, .alpha = 8, .seed = 1}).value();
  // Counted on the published network with rank 8: 34,432 values in the out-side factors alone.
  EXPECT_EQ(weights->values().size(), 34432u);
}

TEST(WeightSetTest, RefusesAFileThatDoesNotFit) {
  const auto load = [](const std::string& base) {
    return WeightSet::Load(kLayout, base, {}, Adaptation()).status();
  };
  EXPECT_THAT(load("not a model"),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("artifact-damaged")));
  EXPECT_THAT(load(Base().substr(0, 150)),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("artifact-damaged")));
  EXPECT_THAT(load(WriteTensors({kLayout[0]}, absl::MakeConstSpan(kValues).subspan(0, 6), {}).value()),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(StartsWith("wrong-architecture"), HasSubstr("first.weight"))));
  EXPECT_THAT(load(WriteTensors({{"second.weight", {2, 3}}, kLayout[1]}, kValues, {}).value()),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(StartsWith("wrong-architecture"), HasSubstr("[2, 3]"))));
  std::vector<NamedTensor> more = kLayout;
  more.push_back({"third.weight", {1}});
  std::vector<float> values = kValues;
  values.push_back(9);
  EXPECT_THAT(load(WriteTensors(more, values, {}).value()),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("wrong-architecture")));
}

TEST(WeightSetTest, RefusesValuesThatAreNoNumbersByTensor) {
  std::vector<float> values = kValues;
  values[7] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(
      WeightSet::Load(kLayout, WriteTensors(kLayout, values, {}).value(), {}, Adaptation()),
      StatusIs(absl::StatusCode::kOutOfRange, AllOf(StartsWith("not-finite"), HasSubstr("first.weight"))));
}

}  // namespace
}  // namespace consort::trainer
