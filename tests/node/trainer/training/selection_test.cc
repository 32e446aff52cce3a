#include "node/trainer/training/selection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/status_matchers.h"

namespace consort::trainer {
namespace {

using ::consort::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<Candidate> Of(const std::vector<std::vector<double>>& points, double seconds = 1) {
  std::vector<Candidate> candidates;
  for (const auto& point : points) candidates.push_back({point, seconds});
  return candidates;
}

std::vector<size_t> Order(const absl::StatusOr<std::vector<Chosen>>& chosen) {
  std::vector<size_t> order;
  for (const Chosen& one : chosen.value()) order.push_back(one.recording);
  return order;
}

TEST(SelectionTest, CoverageTakesTheFarthestEachTime) {
  // By hand: mean (3, 1.2). 2 is nearest to it: (1, 1.2), length sqrt(2.44) = 1.56.
  // Gaps to (2, 0): 2, 1, -, sqrt(16 + 25) = 6.40, sqrt(16 + 1) = 4.12: take 3.
  // Gaps to the nearest of (2, 0) and (6, 5): 2, 1, -, -, min(4.12, 4) = 4: take 4.
  // Then 0 with 2 and 1 with 1.
  const auto candidates = Of({{0, 0}, {1, 0}, {2, 0}, {6, 5}, {6, 1}});
  const auto chosen = SelectByCoverage(candidates, 100);
  EXPECT_THAT(Order(chosen), ElementsAre(2, 3, 4, 0, 1));
  EXPECT_EQ(chosen->at(0).reason, "recording 3 lies nearest to the mean of all, at a distance of 1.56");
  EXPECT_EQ(chosen->at(1).reason,
            "recording 4 was the farthest from those chosen before: 6.4 from the nearest, recording 3");
  EXPECT_EQ(chosen->at(2).reason,
            "recording 5 was the farthest from those chosen before: 4 from the nearest, recording 4");
}

TEST(SelectionTest, CoverageLeavesOutWhatIsTheSame) {
  EXPECT_THAT(Order(SelectByCoverage(Of({{0, 0}, {4, 0}, {0, 0}, {4, 0}}), 100)), ElementsAre(0, 1));
}

TEST(SelectionTest, HerdingKeepsTheMean) {
  // By hand: mean (1, 1). Distances to it: sqrt(2), 1, sqrt(10), 2, 1: take 1, the first of two.
  // (0, 1) and (2, 1) have the mean (1, 1): 0, which no other reaches.
  // Then a third: sums (2, 2) + (0, 0) over 3: sqrt(2) / 3 = 0.471; + (2, 4): (1.33, 2): 1.05; + (1, -1): (1,
  // 0.33): 0.667. Take (0, 0). Then + (2, 4): (1, 1.5): 0.5; + (1, -1): (0.75, 0.25): 0.79. Then the last:
  // back to 0.
  const auto chosen = SelectByHerding(Of({{0, 0}, {0, 1}, {2, 4}, {1, -1}, {2, 1}}), 100);
  EXPECT_THAT(Order(chosen), ElementsAre(1, 4, 0, 2, 3));
  EXPECT_EQ(chosen->at(0).reason, "recording 2 lies nearest to the mean of all, at a distance of 1");
  EXPECT_EQ(chosen->at(1).reason,
            "recording 5 moves the mean of those chosen from 1 to 0 away from the mean of all");
  EXPECT_EQ(chosen->at(2).reason,
            "recording 1 moves the mean of those chosen from 0 to 0.471 away from the mean of all");
}

TEST(SelectionTest, WhatDoesNotFitIsPassedOver) {
  auto candidates = Of({{0, 0}, {1, 0}, {2, 0}, {6, 5}, {6, 1}}, 10);
  candidates[3].seconds = 60;
  EXPECT_THAT(Order(SelectByCoverage(candidates, 25)), ElementsAre(2, 4));
  EXPECT_THAT(Order(SelectByCoverage(candidates, 70)), ElementsAre(2, 3));
  for (const auto select : {SelectByCoverage, SelectByHerding}) {
    double seconds = 0;
    const auto chosen = select(candidates, 33).value();
    for (const Chosen& one : chosen) seconds += candidates[one.recording].seconds;
    EXPECT_EQ(seconds, 30);
  }
}

TEST(SelectionTest, AMissingValueCountsAsTheMean) {
  // The second lacks a value that is 2 on the mean of the others: it is (0, 2), between the two.
  const double none = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(Order(SelectByCoverage(Of({{0, 0}, {0, none}, {0, 4}}), 2)), ElementsAre(1, 0));
}

TEST(SelectionTest, CandidatesThatCannotBeComparedAreRefused) {
  for (const auto select : {SelectByCoverage, SelectByHerding}) {
    const auto refused = [&](const std::vector<Candidate>& candidates, double seconds) {
      EXPECT_EQ(select(candidates, seconds).status().code(), absl::StatusCode::kInvalidArgument);
    };
    refused({}, 1);
    refused(Of({{0, 0}, {1}}), 1);
    refused(Of({{0, INFINITY}}), 1);
    refused(Of({{0}}, 0), 1);
    refused(Of({{0}}), 0);
    EXPECT_THAT(select(Of({{0}}, 5), 4),
                StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("no-usable-recording")));
  }
}

}  // namespace
}  // namespace consort::trainer
