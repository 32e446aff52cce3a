#include "common/statistics/bootstrap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace consort {
namespace {

TEST(BootstrapMeanTest, FewerThanThreeRecordingsHaveNoInterval) {
  EXPECT_FALSE(BootstrapMean({-1.0, -1.0}, 0.95, 1).has_value());
  EXPECT_TRUE(BootstrapMean({-1.0, -1.0, -1.0}, 0.95, 1).has_value());
}

TEST(BootstrapMeanTest, EqualDifferencesGiveAPoint) {
  const auto interval = BootstrapMean({0.25, 0.25, 0.25, 0.25}, 0.95, 9);
  EXPECT_EQ(interval->low, 0.25);
  EXPECT_EQ(interval->high, 0.25);
}

TEST(BootstrapMeanTest, TheOrderOfTheRecordingsDoesNotMatter) {
  std::vector<double> values;
  for (int i = 1; i <= 20; ++i) values.push_back(std::sqrt(i));  // hardly two resamples have equal means
  const auto one = BootstrapMean(values, 0.9, 3);
  std::rotate(values.begin(), values.begin() + 7, values.end());
  const auto other = BootstrapMean(values, 0.9, 3);
  EXPECT_EQ(one->low, other->low);
  EXPECT_EQ(one->high, other->high);
}

TEST(BootstrapMeanTest, IsCloseToTheNormalIntervalForManyRecordings) {
  // 400 differences with mean 0 and variance 1: the mean's standard error is 1/20, so 95 % lie within 1.96/20
  // = 0.098. The bound of 0.012 is some five standard deviations of the quantile's own Monte Carlo error
  // (about 0.0024).
  std::vector<double> differences;
  for (int i = 0; i < 400; ++i) differences.push_back(i % 2 == 0 ? 1 : -1);
  const auto interval = BootstrapMean(differences, 0.95, 12345);
  EXPECT_NEAR(interval->low, -0.098, 0.012);
  EXPECT_NEAR(interval->high, 0.098, 0.012);
}

TEST(BootstrapMeanTest, AHigherLevelIsWider) {
  const std::vector<double> differences = {0.1, -0.3, 0.2, 0.5, -0.2, 0.4};
  const auto narrow = BootstrapMean(differences, 0.5, 3);
  const auto wide = BootstrapMean(differences, 0.99, 3);
  EXPECT_LT(wide->low, narrow->low);
  EXPECT_GT(wide->high, narrow->high);
}

TEST(BootstrapStatisticTest, OfTheMeanIsTheIntervalOfTheMean) {
  const std::vector<double> values = {-0.3, -0.2, 0.1,
                                      0.2,  0.4,  0.5};  // in order, as BootstrapMean sorts them
  const auto mean = [&values](absl::Span<const size_t> resample) {
    double sum = 0;
    for (const size_t i : resample) sum += values[i];
    return sum / static_cast<double>(resample.size());
  };
  const auto one = BootstrapMean(values, 0.95, 7);
  const auto other = BootstrapStatistic(values.size(), mean, 0.95, 7);
  EXPECT_EQ(one->low, other->low);
  EXPECT_EQ(one->high, other->high);
}

TEST(BootstrapStatisticTest, OfAMaximumReachesTheLargestValue) {
  // A resample of five stays within the two smallest with probability 0.4^5 = 0.010 and within the three
  // smallest with 0.6^5 = 0.078, so that the cut at 0.025 falls on 3; more than half of the resamples have
  // the largest.
  const auto largest = [](absl::Span<const size_t> resample) {
    size_t most = 0;
    for (const size_t i : resample) most = i > most ? i : most;
    return static_cast<double>(most + 1);
  };
  const auto interval = BootstrapStatistic(5, largest, 0.95, 11);
  EXPECT_EQ(interval->low, 3);
  EXPECT_EQ(interval->high, 5);
}

TEST(BootstrapStatisticTest, FewerThanThreeRecordingsHaveNoInterval) {
  const auto count = [](absl::Span<const size_t> resample) { return static_cast<double>(resample.size()); };
  EXPECT_FALSE(BootstrapStatistic(2, count, 0.95, 1).has_value());
  EXPECT_TRUE(BootstrapStatistic(3, count, 0.95, 1).has_value());
}

}  // namespace
}  // namespace consort
