#include "node/trainer/measures/onset_score.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "common/random/seeded_random.h"
#include "tests/support/status_matchers.h"

namespace consort::trainer {
namespace {

using ::consort::testing::StatusIs;

TEST(OnsetScoreTest, CountsByHand) {
  // 0.10 and 0.13 match; 0.50 and 0.56 are too far apart; 0.90 and 0.90; 1.2 has none. 2 of 4 and 2 of 3.
  const OnsetScore score = CompareOnsets({0.10, 0.50, 0.90, 1.20}, {0.13, 0.56, 0.90}).value();
  EXPECT_EQ(score.matched, 2);
  EXPECT_DOUBLE_EQ(score.recall, 2.0 / 4);
  EXPECT_DOUBLE_EQ(score.precision, 2.0 / 3);
  EXPECT_DOUBLE_EQ(score.f1, 4.0 / 7);
}

TEST(OnsetScoreTest, OneOnsetServesOnce) {
  const OnsetScore score = CompareOnsets({1.0}, {0.98, 1.0, 1.02}).value();
  EXPECT_EQ(score.matched, 1);
  EXPECT_DOUBLE_EQ(score.f1, 0.5);
}

TEST(OnsetScoreTest, MatchingTheNearestFirstWouldLoseOne) {
  // 1.00 is nearest to 1.01, but then 1.05 has nothing: the largest matching takes 0.96 and 1.01.
  EXPECT_EQ(CompareOnsets({1.00, 1.05}, {0.96, 1.01})->matched, 2);
}

TEST(OnsetScoreTest, OrderDoesNotMatter) {
  EXPECT_EQ(CompareOnsets({3.0, 1.0, 2.0}, {2.0, 3.0, 1.0})->matched, 3);
}

// The largest matching of a bipartite graph by augmenting paths (Kuhn 1955).
int64_t MatchingByPaths(const std::vector<double>& reference, const std::vector<double>& estimated) {
  std::vector<int> partner(estimated.size(), -1);
  int64_t matched = 0;
  for (size_t i = 0; i < reference.size(); ++i) {
    std::vector<bool> seen(estimated.size());
    const std::function<bool(size_t)> augment = [&](size_t from) {
      for (size_t j = 0; j < estimated.size(); ++j) {
        if (seen[j] || std::abs(reference[from] - estimated[j]) > kOnsetToleranceSeconds) continue;
        seen[j] = true;
        if (partner[j] < 0 || augment(static_cast<size_t>(partner[j]))) {
          partner[j] = static_cast<int>(from);
          return true;
        }
      }
      return false;
    };
    matched += augment(i);
  }
  return matched;
}

TEST(OnsetScoreTest, IsTheLargestBipartiteMatching) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    SeededRandom random(seed);
    std::vector<double> reference(random.Below(25)), estimated(random.Below(25));
    for (std::vector<double>* times : {&reference, &estimated}) {
      for (double& time : *times) time = random.Uniform();  // 40 ms apart on average: many rivals
    }
    EXPECT_EQ(CompareOnsets(reference, estimated)->matched, MatchingByPaths(reference, estimated))
        << "seed " << seed;
  }
}

TEST(OnsetScoreTest, NothingOnEitherSideScoresZero) {
  EXPECT_EQ(CompareOnsets({}, {1.0})->f1, 0);
  EXPECT_EQ(CompareOnsets({1.0}, {})->f1, 0);
  EXPECT_EQ(CompareOnsets({}, {})->f1, 0);
}

TEST(OnsetScoreTest, TimesThatAreNoNumbersAreRefused) {
  EXPECT_THAT(CompareOnsets({1.0}, {std::numeric_limits<double>::quiet_NaN()}),
              StatusIs(absl::StatusCode::kInvalidArgument, ::testing::HasSubstr("not-finite")));
}

}  // namespace
}  // namespace consort::trainer
