#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "coordinator/rounds/paired_bootstrap.h"
#include "coordinator/rounds/recruiting.h"
#include "coordinator/rounds/tradition_results.h"

namespace consort::coordinator {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

TEST(PairedBootstrapTest, FewerThanThreeRecordingsHaveNoInterval) {
  EXPECT_FALSE(PairedBootstrap({-1.0, -1.0}, 0.95, 1).has_value());
  EXPECT_TRUE(PairedBootstrap({-1.0, -1.0, -1.0}, 0.95, 1).has_value());
}

TEST(PairedBootstrapTest, EqualDifferencesGiveAPoint) {
  const auto interval = PairedBootstrap({0.25, 0.25, 0.25, 0.25}, 0.95, 9);
  EXPECT_EQ(interval->low, 0.25);
  EXPECT_EQ(interval->high, 0.25);
}

TEST(PairedBootstrapTest, TheOrderOfThePairsDoesNotMatter) {
  const auto one = PairedBootstrap({0.1, -0.3, 0.2, 0.5}, 0.9, 3);
  const auto other = PairedBootstrap({0.5, 0.2, 0.1, -0.3}, 0.9, 3);
  EXPECT_EQ(one->low, other->low);
  EXPECT_EQ(one->high, other->high);
}

TEST(PairedBootstrapTest, IsCloseToTheNormalIntervalForManyRecordings) {
  // 400 differences with mean 0 and variance 1: the mean's standard error is 1/20, so 95 % lie within 1.96/20
  // = 0.098. The bound of 0.012 is some five standard deviations of the quantile's own Monte Carlo error
  // (about 0.0024).
  std::vector<double> differences;
  for (int i = 0; i < 400; ++i) differences.push_back(i % 2 == 0 ? 1 : -1);
  const auto interval = PairedBootstrap(differences, 0.95, 12345);
  EXPECT_NEAR(interval->low, -0.098, 0.012);
  EXPECT_NEAR(interval->high, 0.098, 0.012);
}

TEST(PairedBootstrapTest, AHigherLevelIsWider) {
  const std::vector<double> differences = {0.1, -0.3, 0.2, 0.5, -0.2, 0.4};
  const auto narrow = PairedBootstrap(differences, 0.5, 3);
  const auto wide = PairedBootstrap(differences, 0.99, 3);
  EXPECT_LT(wide->low, narrow->low);
  EXPECT_GT(wide->high, narrow->high);
}

ArchiveScores Scores(const std::string& archive, const std::string& tradition,
                     std::vector<double> differences) {
  TraditionPairs one{tradition, {}};
  for (const double difference : differences) one.pairs.emplace_back(1.0, 1.0 + difference);
  return {archive, {one}};
}

TEST(TraditionResultsTest, VerdictsFollowTheInterval) {
  const auto results = TraditionResults(
      {Scores("a", "1-better", {-0.2, -0.3, -0.1, -0.2}), Scores("b", "2-worse", {0.2, 0.3, 0.1}),
       Scores("c", "3-mixed", {0.2, -0.2, 0.1, -0.1}), Scores("d", "4-few", {0.5, 0.5})},
      0.95, "seed");
  ASSERT_THAT(results, SizeIs(4));
  EXPECT_EQ(results[0].verdict(), v1::TraditionResult::VERDICT_IMPROVED);
  EXPECT_EQ(results[1].verdict(), v1::TraditionResult::VERDICT_HARMED);
  EXPECT_EQ(results[2].verdict(), v1::TraditionResult::VERDICT_UNCLEAR);
  EXPECT_EQ(results[3].verdict(), v1::TraditionResult::VERDICT_UNCLEAR);
  EXPECT_FALSE(results[3].has_interval());
  EXPECT_NEAR(results[0].difference(), -0.2, 1e-12);
  EXPECT_NEAR(results[0].after(), 0.8, 1e-12);
  EXPECT_EQ(results[0].recordings(), 4u);
}

TEST(TraditionResultsTest, ATraditionOfTwoArchivesIsShownTogetherAndApart) {
  const auto results = TraditionResults(
      {Scores("a", "harp", {-0.2, -0.2, -0.2}), Scores("b", "harp", {0.1, 0.1, 0.1})}, 0.95, "seed");
  ASSERT_THAT(results, SizeIs(3));
  EXPECT_EQ(results[0].archive(), "");
  EXPECT_EQ(results[0].recordings(), 6u);
  EXPECT_EQ(results[1].verdict(), v1::TraditionResult::VERDICT_IMPROVED);
  EXPECT_EQ(results[2].verdict(), v1::TraditionResult::VERDICT_HARMED);  // never averaged away
}

TEST(SampleCohortTest, TakesAllWhoFitAndDrawsFromTheSeedOtherwise) {
  const std::vector<std::string> joined = {"a", "b", "c", "d", "e"};
  EXPECT_EQ(SampleCohort(joined, 5, 1, 1), joined);
  const auto drawn = SampleCohort(joined, 2, 1, 1);
  EXPECT_THAT(drawn, SizeIs(2));
  EXPECT_EQ(drawn, SampleCohort(joined, 2, 1, 1));
  // Over many rounds everybody is drawn about equally often: 400 of 1000, standard deviation 15.5; the bound
  // is 5 of them.
  std::map<std::string, int> times;
  for (uint32_t round = 1; round <= 1000; ++round) {
    for (const std::string& archive : SampleCohort(joined, 2, 1, round)) ++times[archive];
  }
  for (const std::string& archive : joined) EXPECT_NEAR(times[archive], 400, 78) << archive;
}

}  // namespace
}  // namespace consort::coordinator
