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
  const auto weights = WeightSet::Load(kLayout, Base(), {}, Adaptation{2, 4, 1}).value();
  EXPECT_EQ(weights->SaveMerged({}).value(), Base());
}

TEST(WeightSetTest, AdapterAddsAlphaOverRankTimesBTimesA) {
  const std::vector<NamedTensor> layout = {{"w", {2, 1, 3}}};
  const std::string base = WriteTensors(layout, std::vector<float>(6, 1.0f), {}).value();
  const std::string state = WriteTensors({{"w.lora_A", {1, 3}}, {"w.lora_B", {2, 1}}},
                                         std::vector<float>{1, 2, 3, /*B:*/ 10, 20}, {})
                                .value();
  const auto weights = WeightSet::Load(layout, base, state, Adaptation{1, 0.5, 0}).value();
  EXPECT_THAT(weights->values(), ElementsAre(10, 20));
  // By hand: 1 + 0.5 * B * A.
  EXPECT_EQ(weights->SaveMerged({}).value(),
            WriteTensors(layout, std::vector<float>{6, 11, 16, 11, 21, 31}, {}).value());
}

TEST(WeightSetTest, FrozenFactorComesFromTheSeedAndStaysInTheState) {
  const auto weights = WeightSet::Load(kLayout, Base(), {}, Adaptation{2, 4, 1}).value();
  const std::string state = weights->SaveState({}).value();
  EXPECT_EQ(WeightSet::Load(kLayout, Base(), {}, Adaptation{2, 4, 1}).value()->SaveState({}).value(), state);
  EXPECT_NE(WeightSet::Load(kLayout, Base(), {}, Adaptation{2, 4, 2}).value()->SaveState({}).value(), state);
  // With a state the seed has no say.
  EXPECT_EQ(WeightSet::Load(kLayout, Base(), state, Adaptation{2, 4, 2}).value()->SaveState({}).value(),
            state);
}

TEST(WeightSetTest, AdaptersOfTheSmallNetworkHaveThePublishedNumberOfValues) {
  const RaveNetwork network{RaveShape()};
  const std::string base = WeightSet::Initialise(network.weights(), 1).value()->SaveMerged({}).value();
  const auto weights = WeightSet::Load(network.weights(), base, {}, Adaptation{8, 8, 1}).value();
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
