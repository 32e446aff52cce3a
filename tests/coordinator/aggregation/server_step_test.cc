#include "coordinator/aggregation/server_step.h"

#include <cmath>
#include <vector>

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace consort::coordinator {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::testing::HasSubstr;
using Kind = ServerOptimiser::Kind;

// One coordinate with these moments; returns the new state and leaves the new moments.
float Step(const ServerStep& step, float state, float average, std::vector<float>& moments) {
  std::vector<absl::Span<float>> spans;
  for (float& moment : moments) spans.emplace_back(&moment, 1);
  step.Apply({average}, absl::MakeSpan(&state, 1), spans);
  return state;
}

TEST(FedAvgTest, AddsTheAverage) {
  std::vector<float> none;
  EXPECT_EQ(Step(*MakeFedAvg(1), 1, 0.5, none), 1.5f);
  EXPECT_EQ(Step(*MakeFedAvg(0.5), 1, 0.5, none), 1.25f);
  EXPECT_TRUE(MakeFedAvg(1)->moments().empty());
}

TEST(FedAvgMTest, FollowsTheVelocity) {
  const std::unique_ptr<ServerStep> step = MakeFedAvgM(/*learning_rate=*/0.5, /*momentum=*/0.9);
  std::vector<float> velocity = {2};
  // By hand: v = 0.9 x 2 + 0.5 = 2.3; 1 + 0.5 x 2.3 = 2.15.
  EXPECT_FLOAT_EQ(Step(*step, 1, 0.5, velocity), 2.15f);
  EXPECT_FLOAT_EQ(velocity[0], 2.3f);
  EXPECT_EQ(step->moments()[0].initial, 0);
}

TEST(FedAdamTest, DividesByTheRootOfTheSecondMoment) {
  const std::unique_ptr<ServerStep> step = MakeFedAdam(/*learning_rate=*/0.1, 0.9, 0.99, /*tau=*/0.001);
  std::vector<float> moments = {0.2f, 0.04f};
  // By hand: m = 0.18 + 0.05 = 0.23; v = 0.0396 + 0.0025 = 0.0421; 1 + 0.023 / (0.2051828 + 0.001)
  // = 1.1115515.
  EXPECT_FLOAT_EQ(Step(*step, 1, 0.5, moments), 1.1115515f);
  EXPECT_FLOAT_EQ(moments[0], 0.23f);
  EXPECT_FLOAT_EQ(moments[1], 0.0421f);
}

TEST(FedAdamTest, StartsFromTauSquaredWithoutBiasCorrection) {
  const std::unique_ptr<ServerStep> step = MakeFedAdam(0.1, 0.9, 0.99, 0.001);
  ASSERT_EQ(step->moments().size(), 2u);
  std::vector<float> moments = {step->moments()[0].initial, step->moments()[1].initial};
  EXPECT_FLOAT_EQ(moments[1], 1e-6f);
  // By hand: m = 0.05; v = 0.99e-6 + 0.0025 = 0.00250099; 1 + 0.005 / (0.0500099 + 0.001) = 1.0980202.
  EXPECT_NEAR(Step(*step, 1, 0.5, moments), 1.0980202, 1e-6);
}

TEST(MakeServerStepTest, RefusesParametersThatCannotBe) {
  const auto refused = [](const ServerOptimiser& optimiser, const char* what) {
    EXPECT_THAT(MakeServerStep(optimiser), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(what)));
  };
  refused({Kind::kFedAvg, 0}, "learning_rate");
  refused({Kind::kFedAvg, std::nan("")}, "learning_rate");
  refused({Kind::kFedAvgM, 1, 1}, "momentum");
  refused({Kind::kFedAvgM, 1, -0.1}, "momentum");
  refused({Kind::kFedAdam, 1, 0.9, 1, 0.1}, "beta2");
  refused({Kind::kFedAdam, 1, 0.9, 0.99, 0}, "epsilon");
  EXPECT_THAT(MakeServerStep({Kind::kFedAdam, 1, 0.9, 0.99, 0.1}), IsOk());
}

}  // namespace
}  // namespace consort::coordinator
