#include "node/trainer/training/adam.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace consort::trainer {
namespace {

TEST(AdamTest, TwoStepsAreThoseOfThePaper) {
  Adam adam(2);
  std::vector<float> values = {1.0f, -2.0f};
  adam.Step(absl::MakeSpan(values), std::vector<float>{0.5f, -4.0f}, 0.1);
  // By hand: after bias correction the first step is the learning rate against the gradient's sign.
  EXPECT_NEAR(values[0], 0.9, 1e-6);
  EXPECT_NEAR(values[1], -1.9, 1e-6);
  adam.Step(absl::MakeSpan(values), std::vector<float>{1.0f, -4.0f}, 0.1);
  // By hand for the first value: m = 0.5 * 0.25 + 0.5 = 0.625, corrected by 1 - 0.25: 0.8333;
  // v = 0.9 * 0.025 + 0.1 = 0.1225, corrected by 1 - 0.81: 0.644737; step 0.1 * 0.833333 / 0.802955.
  EXPECT_NEAR(values[0], 0.9 - 0.1 * (0.625 / 0.75) / std::sqrt(0.1225 / 0.19), 1e-6);
  EXPECT_NEAR(values[1], -1.8, 1e-6);
}

}  // namespace
}  // namespace consort::trainer
