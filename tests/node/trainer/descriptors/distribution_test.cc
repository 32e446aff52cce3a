#include "node/trainer/descriptors/distribution.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace consort::trainer {
namespace {

TEST(DistributionTest, OneToAHundred) {
  Distribution distribution(0, 200, 2000);
  for (int i = 1; i <= 100; ++i) distribution.Add(i);
  const Statistics statistics = distribution.Summary();
  EXPECT_EQ(statistics.count, 100);
  EXPECT_NEAR(statistics.mean, 50.5, 1e-12);
  EXPECT_NEAR(statistics.standard_deviation, std::sqrt((100.0 * 100 - 1) / 12), 1e-9);
  EXPECT_NEAR(statistics.p05, 5, 0.11);
  EXPECT_NEAR(statistics.p25, 25, 0.11);
  EXPECT_NEAR(statistics.p50, 50, 0.11);
  EXPECT_NEAR(statistics.p75, 75, 0.11);
  EXPECT_NEAR(statistics.p95, 95, 0.11);
}

TEST(DistributionTest, EqualValuesAreExact) {
  Distribution distribution(0, 1, 10);
  for (int i = 0; i < 5; ++i) distribution.Add(0.42);
  const Statistics statistics = distribution.Summary();
  EXPECT_DOUBLE_EQ(statistics.mean, 0.42);
  EXPECT_EQ(statistics.standard_deviation, 0);
  EXPECT_DOUBLE_EQ(statistics.p05, 0.42);
  EXPECT_DOUBLE_EQ(statistics.p95, 0.42);
}

TEST(DistributionTest, ValuesOutsideCountForTheEnds) {
  Distribution distribution(0, 10, 10);
  for (const double value : {-5.0, 4.5, 25.0}) distribution.Add(value);
  const Statistics statistics = distribution.Summary();
  EXPECT_NEAR(statistics.mean, 24.5 / 3, 1e-12);  // not clamped
  EXPECT_GE(statistics.p05, -5);
  EXPECT_NEAR(statistics.p50, 4.5, 0.5);
  EXPECT_LE(statistics.p95, 25);
}

TEST(DistributionTest, NaNIsNoValueAndNothingIsNothing) {
  Distribution distribution(0, 1, 10);
  distribution.Add(std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(distribution.Summary().count, 0);
  EXPECT_EQ(distribution.Summary().mean, 0);
}

}  // namespace
}  // namespace consort::trainer
