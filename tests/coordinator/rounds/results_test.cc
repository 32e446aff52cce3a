#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "coordinator/rounds/recruiting.h"
#include "coordinator/rounds/tradition_results.h"

namespace consort::coordinator {
namespace {

using ::testing::SizeIs;

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

TEST(TraditionResultsTest, YardstickIsTheMeanOfItsScores) {
  ArchiveScores scores = Scores("a", "harp", {-0.2, -0.2, -0.2});
  scores.traditions[0].yardstick = {0.5, 0.7, 0.9};
  const auto results = TraditionResults({scores}, 0.95, "seed");
  ASSERT_TRUE(results[0].has_yardstick());
  EXPECT_NEAR(results[0].yardstick(), 0.7, 1e-12);
  EXPECT_FALSE(TraditionResults({Scores("a", "harp", {0})}, 0.95, "seed")[0].has_yardstick());
}

TEST(TraditionResultsTest, OwnCopiesAreAveragedWhereEveryArchiveHasOne) {
  ArchiveScores first = Scores("a", "harp", {-0.2, -0.2, -0.2}), second = Scores("b", "harp", {0, 0});
  first.traditions[0].personal = {0.5, 0.7, 0.9};
  auto results = TraditionResults({first, second}, 0.95, "seed");
  ASSERT_THAT(results, SizeIs(3));
  EXPECT_FALSE(results[0].has_personal());  // archive b never trained
  ASSERT_TRUE(results[1].has_personal());
  EXPECT_NEAR(results[1].personal(), 0.7, 1e-12);
  EXPECT_FALSE(results[2].has_personal());
  second.traditions[0].personal = {0.2, 0.2};
  results = TraditionResults({first, second}, 0.95, "seed");
  ASSERT_TRUE(results[0].has_personal());
  EXPECT_NEAR(results[0].personal(), 0.5, 1e-12);  // by hand: (0.5 + 0.7 + 0.9 + 0.2 + 0.2) / 5
}

TEST(TraditionResultsTest, MeasuresOfRecordingsHaveIntervalsAndAddUpThoseOfSetsDoNot) {
  ArchiveScores first = Scores("a", "harp", {0, 0, 0}), second = Scores("b", "harp", {0, 0, 0});
  first.traditions[0].measures = {{"onset-f1", {{0.5, 0.7}, {0.5, 0.7}, {0.5, 0.7}}},
                                  {"kernel-distance", {{9, -1}}, 40}};
  second.traditions[0].measures = {{"onset-f1", {{0.2, 0.4}, {0.2, 0.4}, {0.2, 0.4}}}};
  const auto results = TraditionResults({first, second}, 0.95, "seed");
  ASSERT_THAT(results, SizeIs(3));
  ASSERT_THAT(results[0].measures(), SizeIs(1));  // together
  EXPECT_EQ(results[0].measures(0).size(), 6u);
  EXPECT_NEAR(results[0].measures(0).before(), 0.35, 1e-12);
  EXPECT_NEAR(results[0].measures(0).low(), 0.2, 1e-12);
  ASSERT_THAT(results[1].measures(), SizeIs(2));  // archive a
  EXPECT_EQ(results[1].measures(1).name(), "kernel-distance");
  EXPECT_EQ(results[1].measures(1).size(), 40u);
  EXPECT_EQ(results[1].measures(1).after(), -1);
  EXPECT_FALSE(results[1].measures(1).has_interval());
}

TEST(TraditionResultsTest, F1OfATraditionCountsWhatOtherTraditionsWereTakenFor) {
  ArchiveScores harp = Scores("a", "harp", {0, 0, 0, 0}), dizi = Scores("b", "dizi", {0, 0});
  // After: of four harps three were found; of two dizi one was taken for a harp.
  harp.traditions[0].measures = {{"predicted-as/harp", {{4, 3}}, 4}, {"predicted-as/dizi", {{0, 1}}, 4}};
  dizi.traditions[0].measures = {{"predicted-as/harp", {{2, 1}}, 2}, {"predicted-as/dizi", {{0, 1}}, 2}};
  const auto results = TraditionResults({harp, dizi}, 0.95, "seed");
  ASSERT_THAT(results, SizeIs(2));
  // By hand, 2 TP / (2 TP + FP + FN): dizi 2 / (2 + 1 + 1) after, 0 before; harp 6 / (6 + 1 + 1) after, 8 /
  // (8 + 2) before.
  EXPECT_EQ(results[0].measures(0).name(), "f1");
  EXPECT_DOUBLE_EQ(results[0].measures(0).before(), 0);
  EXPECT_DOUBLE_EQ(results[0].measures(0).after(), 0.5);
  EXPECT_DOUBLE_EQ(results[1].measures(0).before(), 0.8);
  EXPECT_DOUBLE_EQ(results[1].measures(0).after(), 0.75);
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
