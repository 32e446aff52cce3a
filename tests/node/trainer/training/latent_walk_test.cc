#include "node/trainer/training/latent_walk.h"

#include <gtest/gtest.h>

namespace consort::trainer {
namespace {

TEST(LatentWalkTest, ValuesAreSpreadAsThePriorAndNeighboursAreClose) {
  const std::vector<float> walk = LatentWalk(16, 20000, 1);
  double squares = 0, steps = 0;
  for (size_t i = 0; i < walk.size(); ++i) {
    squares += walk[i] * walk[i];
    if (i % 20000 > 0) steps += (walk[i] - walk[i - 1]) * (walk[i] - walk[i - 1]);
  }
  const double count = static_cast<double>(walk.size());
  // 320,000 values that are correlated over some 33 frames: about 4,800 independent ones, so five standard
  // errors of the variance are 0.1.
  EXPECT_NEAR(squares / count, 1, 0.1);
  // Of two values with correlation 0.97 the mean squared difference is 2 * (1 - 0.97).
  EXPECT_NEAR(steps / count, 0.06, 0.002);
}

TEST(LatentWalkTest, SeedDecides) {
  EXPECT_EQ(LatentWalk(2, 10, 1), LatentWalk(2, 10, 1));
  EXPECT_NE(LatentWalk(2, 10, 1), LatentWalk(2, 10, 2));
}

}  // namespace
}  // namespace consort::trainer
