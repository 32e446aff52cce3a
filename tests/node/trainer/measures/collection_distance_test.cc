#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "node/trainer/measures/embedding_set.h"
#include "node/trainer/measures/frechet_distance.h"
#include "node/trainer/measures/kernel_distance.h"
#include "tests/node/trainer/support/sound_files.h"
#include "tests/support/status_matchers.h"

namespace consort::trainer {
namespace {

using ::consort::testing::StatusIs;
using ::consort::trainer::testing::Noise;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;

EmbeddingSet SetOf(std::vector<float> values, int dimensions, std::string name = "evaluated") {
  return {"log-mel-1", std::move(name), dimensions, std::move(values)};
}

// As tests/reference/signals.py makes them: coordinates are sums of four uniform values.
EmbeddingSet Points(uint32_t seed, size_t count, int dimensions, double gain = 1, double shift = 0) {
  const std::vector<float> noise = Noise(seed, count * dimensions * 4, 1);
  std::vector<float> values;
  for (size_t i = 0; i < count * dimensions; ++i) {
    double sum = 0;
    for (size_t j = 0; j < 4; ++j) sum += noise[4 * i + j];
    values.push_back(static_cast<float>(gain * sum + shift));
  }
  return SetOf(std::move(values), dimensions);
}

TEST(KernelDistanceTest, SmallSetsByHand) {
  // Reference 0, 1, 3 on a line: distances 1, 2, 3, median 2, so k(d) = exp(-d^2 / 8). Evaluated 0 and 2.
  // Within the reference (e^-1/8 + e^-4/8 + e^-9/8) / 3; within the evaluated e^-4/8; across d^2 = 0, 4, 1,
  // 1, 9, 1.
  const double within_x = (std::exp(-0.125) + std::exp(-0.5) + std::exp(-1.125)) / 3;
  const double within_y = std::exp(-0.5);
  const double across = (1 + std::exp(-0.5) + 3 * std::exp(-0.125) + std::exp(-1.125)) / 6;
  const CollectionDistance distance = KernelDistance(SetOf({0, 1, 3}, 1), SetOf({0, 2}, 1)).value();
  EXPECT_NEAR(distance.value, 100 * (within_x + within_y - 2 * across), 1e-9);
  EXPECT_THAT(distance.measure, HasSubstr("bandwidth 2)"));
}

TEST(KernelDistanceTest, EqualsThePlainNumpyComputation) {
  // tests/reference/measures.py
  const CollectionDistance distance = KernelDistance(Points(1, 40, 3), Points(2, 25, 3, 0.8, 0.5)).value();
  EXPECT_NEAR(distance.value, 5.16086189, 1e-6);
  EXPECT_THAT(distance.measure, HasSubstr("bandwidth 2.62975"));
}

TEST(KernelDistanceTest, IsUnbiased) {
  // Sets drawn alike: the mean over 200 pairs is 0 within five of its own standard errors, where the biased
  // estimate would be about 100 * 2 * (1 - mean k) / 20 = 4.
  double sum = 0, squares = 0;
  for (uint32_t seed = 0; seed < 200; ++seed) {
    const double value = KernelDistance(Points(1000 + seed, 20, 4), Points(5000 + seed, 20, 4))->value;
    sum += value;
    squares += value * value;
  }
  const double mean = sum / 200, error = std::sqrt((squares / 200 - mean * mean) / 200);
  EXPECT_LT(std::abs(mean), 5 * error);
  EXPECT_LT(error, 0.2);
}

TEST(KernelDistanceTest, FarSetsAreFar) {
  // Across there is nothing left, within the evaluated points are as close as the bandwidth's set: between
  // 100 and 200.
  const double distance = KernelDistance(Points(1, 50, 3), Points(2, 50, 3, 1, 100))->value;
  EXPECT_GT(distance, 100);
  EXPECT_LT(distance, 200);
}

TEST(KernelDistanceTest, BlocksOfAnyNumberAddUp) {
  // 300 points are three blocks; every point twice leaves the across term of a set with itself as it is.
  const EmbeddingSet x = Points(7, 150, 2);
  EmbeddingSet twice = x;
  twice.values.insert(twice.values.end(), x.values.begin(), x.values.end());
  const double m = 150, once = KernelDistance(x, x)->value / 100;
  // With K the sum of k over pairs i != j of x: once = 2 K / (m (m - 1)) - 2 (K + m) / m^2.
  const double sum = (once + 2 / m) / (2 / (m * (m - 1)) - 2 / (m * m));
  const double expected =
      sum / (m * (m - 1)) + (4 * sum + 2 * m) / (2 * m * (2 * m - 1)) - 2 * (sum + m) / (m * m);
  EXPECT_NEAR(KernelDistance(x, twice)->value, 100 * expected, 1e-8);
}

TEST(KernelDistanceTest, AReferenceWithoutSpreadIsRefused) {
  EXPECT_THAT(KernelDistance(SetOf({1, 1, 1}, 1), SetOf({0, 2}, 1)),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("median distance 0")));
}

TEST(FrechetDistanceTest, OfTwoGaussiansInClosedForm) {
  // On a line {-1, 1} has mean 0 and variance 2; {1, 9} has mean 5 and variance 32:
  // 25 + 2 + 32 - 2 sqrt(64) = 43.
  EXPECT_NEAR(FrechetDistance(SetOf({-1, 1}, 1), SetOf({1, 9}, 1))->value, 43, 1e-9);
}

TEST(FrechetDistanceTest, OfUncorrelatedAxesIsTheSumOverTheAxes) {
  // Corners of rectangles: variances 4/3 a^2. Sides 1, 2 against 3, 1, means apart by (2, 0):
  // 4 + 4/3 ((3 - 1)^2 + (1 - 2)^2) = 4 + 20/3.
  const EmbeddingSet x = SetOf({1, 2, 1, -2, -1, 2, -1, -2}, 2);
  const EmbeddingSet y = SetOf({5, 1, 5, -1, -1, 1, -1, -1}, 2);
  EXPECT_NEAR(FrechetDistance(x, y)->value, 4 + 20.0 / 3, 1e-9);
}

TEST(FrechetDistanceTest, EqualsThePlainNumpyComputation) {
  // tests/reference/measures.py; the second has a singular covariance.
  EXPECT_NEAR(FrechetDistance(Points(1, 40, 3), Points(2, 25, 3, 0.8, 0.5))->value, 1.29873789, 1e-6);
  EXPECT_NEAR(FrechetDistance(Points(3, 5, 8), Points(4, 30, 8))->value, 8.28292585, 1e-4);
}

TEST(FrechetDistanceTest, IsZeroForASetAndItself) {
  const EmbeddingSet x = Points(1, 40, 3);
  EXPECT_NEAR(FrechetDistance(x, x)->value, 0, 1e-9);
}

TEST(FrechetDistanceAtInfinityTest, EqualsThePlainNumpyComputation) {
  // tests/reference/measures.py
  const FrechetAtInfinity result =
      FrechetDistanceAtInfinity(Points(5, 300, 4), Points(6, 740, 4, 1, 0.2), /*seed=*/17).value();
  EXPECT_NEAR(result.distance.value, 0.16517110, 1e-5);
  EXPECT_NEAR(result.slope, 42.603182, 1e-2);
  EXPECT_NEAR(result.r_squared, 0.039804, 1e-4);
  ASSERT_THAT(result.points, SizeIs(25));
  EXPECT_EQ(result.points.front().size, 500);
  EXPECT_EQ(result.points[1].size, 510);
  EXPECT_EQ(result.points.back().size, 740);
}

TEST(FrechetDistanceAtInfinityTest, TakesOutMostOfTheBias) {
  // Equal distributions of 16 dimensions: FAD of 2000 points is some 16 * 17 / 4 / 2000 times the variance,
  // 4/3; the line takes that away.
  const EmbeddingSet reference = Points(5, 20000, 16), evaluated = Points(6, 2000, 16);
  const double finite = FrechetDistance(reference, evaluated)->value;
  const double infinite = FrechetDistanceAtInfinity(reference, evaluated, 3)->distance.value;
  EXPECT_GT(finite, 0.03);
  EXPECT_LT(std::abs(infinite), finite);
}

TEST(FrechetDistanceAtInfinityTest, TooFewPointsAreToldToUseTheKernelDistance) {
  EXPECT_THAT(FrechetDistanceAtInfinity(Points(5, 30, 2), Points(6, 500, 2), 1),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("kernel distance")));
}

TEST(CollectionDistanceTest, SaysWhatItDependsOn) {
  EmbeddingSet reference = SetOf({0, 1, 3, 4}, 2, "china-dizi-north"),
               evaluated = SetOf({0, 2, 5, 1, 1, 1}, 2, "round 8");
  const CollectionDistance distance = FrechetDistance(reference, evaluated).value();
  EXPECT_EQ(distance.embedding, "log-mel-1");
  EXPECT_EQ(distance.reference_count, 2);
  EXPECT_EQ(distance.evaluated_count, 3);
  EXPECT_THAT(Describe(distance),
              AllOf(HasSubstr("FAD"), HasSubstr("embedding log-mel-1, 2 dimensions"),
                    HasSubstr("reference china-dizi-north, N = 2"), HasSubstr("evaluated round 8, N = 3")));
}

TEST(CollectionDistanceTest, SetsThatCannotBeComparedAreRefused) {
  const EmbeddingSet good = SetOf({0, 1, 3, 4}, 2);
  EmbeddingSet other_embedding = good;
  other_embedding.embedding = "log-mel-2";
  for (const EmbeddingSet& bad :
       {other_embedding, SetOf({0, 1, 3, 4}, 4), SetOf({0, 1, 3, 4}, 1), SetOf({0, 1, 3}, 2),
        SetOf({0, 1}, 2), SetOf({}, 2), SetOf({0, 1, 3, std::numeric_limits<float>::quiet_NaN()}, 2)}) {
    EXPECT_THAT(KernelDistance(good, bad), StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_));
    EXPECT_THAT(FrechetDistance(good, bad), StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_));
    EXPECT_THAT(FrechetDistanceAtInfinity(good, bad, 1),
                StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_));
    EXPECT_THAT(FrechetDistance(bad, good), StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_));
  }
}

}  // namespace
}  // namespace consort::trainer
