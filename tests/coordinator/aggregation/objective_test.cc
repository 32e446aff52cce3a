#include "coordinator/aggregation/objective.h"

#include <cmath>

#include "coordinator/aggregation/weighting.h"
#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace consort::coordinator {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

v1::JobSpec Spec(v1::Objective objective) {
  v1::JobSpec spec;
  spec.set_objective(objective);
  return spec;
}

const LossHistory kTwoRounds = {{{"a", {{"dizi", 4}}}, {"b", {{"harp", 10}}}},
                                {{"a", {{"dizi", 3}}}, {"b", {{"harp", 6}}}}};

TEST(ObjectiveTest, WeightedKnowsNoFactors) {
  const ObjectiveFactors factors = FactorsOf(Spec(v1::OBJECTIVE_WEIGHTED), kTwoRounds);
  EXPECT_EQ(factors.Of("a", "dizi"), 1);
  EXPECT_THAT(RevealedBy(v1::OBJECTIVE_WEIGHTED), IsEmpty());
}

TEST(ObjectiveTest, FairnessIsThePowerOfTheNewestLoss) {
  v1::JobSpec spec = Spec(v1::OBJECTIVE_Q_FAIR);
  spec.set_fairness(2);
  const ObjectiveFactors factors = FactorsOf(spec, kTwoRounds);
  // (3 / 6)^2 and (6 / 6)^2.
  EXPECT_DOUBLE_EQ(factors.Of("a", "dizi"), 0.25);
  EXPECT_DOUBLE_EQ(factors.Of("b", "harp"), 1);
  // One that told nothing counts as the mean of the others.
  EXPECT_DOUBLE_EQ(factors.Of("c", "harp"), 0.625);
}

TEST(ObjectiveTest, FairnessZeroIsTheWeightedMean) {
  EXPECT_DOUBLE_EQ(FactorsOf(Spec(v1::OBJECTIVE_Q_FAIR), kTwoRounds).Of("a", "dizi"), 1);
}

TEST(ObjectiveTest, ArchiveWithSeveralTraditionsCountsTheirMeanLoss) {
  v1::JobSpec spec = Spec(v1::OBJECTIVE_Q_FAIR);
  spec.set_fairness(1);
  const LossHistory history = {{{"a", {{"dizi", 2}, {"harp", 6}}}, {"b", {{"harp", 8}}}}};
  EXPECT_DOUBLE_EQ(FactorsOf(spec, history).Of("a", "dizi"), 0.5);
}

TEST(ObjectiveTest, MinimaxFollowsTheTraditionThatImprovedLeast) {
  v1::JobSpec spec = Spec(v1::OBJECTIVE_MINIMAX);
  spec.set_minimax_rate(2);
  const ObjectiveFactors factors = FactorsOf(spec, kTwoRounds);
  // By hand: dizi 2 * (1 + 3/4) = 3.5, harp 2 * (1 + 6/10) = 3.2.
  EXPECT_DOUBLE_EQ(factors.Of("a", "dizi"), 1);
  EXPECT_DOUBLE_EQ(factors.Of("b", "harp"), std::exp(-0.3));
}

TEST(ObjectiveTest, NoHarmWeighsTraditionsThatFellBehindTheBaseModel) {
  v1::JobSpec spec = Spec(v1::OBJECTIVE_NO_HARM);
  spec.set_minimax_rate(10);
  LossHistory history = {{{"a", {{"dizi", 4}, {"folk", 8}}}}, {{"a", {{"dizi", 3}, {"folk", 8.8}}}}};
  // By hand, 3 % better being what is asked for: 10 * 0.03 each after the first round; then dizi gained, so
  // that its multiplier is 0, and folk's is 0.3 + 10 * (8.8 / 8 - 1 + 0.03) = 1.6.
  EXPECT_DOUBLE_EQ(FactorsOf(spec, history).Of("a", "dizi"), 1);
  EXPECT_NEAR(FactorsOf(spec, history).Of("a", "folk"), std::exp(1.6), 1e-9);
  history.push_back({{"a", {{"dizi", 2}, {"folk", 7.6}}}});
  // folk again: 1.6 + 10 * (7.6 / 8 - 1 + 0.03) = 1.4. Once it has gained enough, nothing is left.
  EXPECT_NEAR(FactorsOf(spec, history).Of("a", "folk"), std::exp(1.4), 1e-9);
  history.push_back({{"a", {{"dizi", 2}, {"folk", 4}}}});
  EXPECT_DOUBLE_EQ(FactorsOf(spec, history).Of("a", "folk"), 1);
  EXPECT_EQ(RevealedBy(v1::OBJECTIVE_NO_HARM), "loss-of-each-tradition-of-each-archive");
}

TEST(ObjectiveTest, NoHarmNeverLetsOneTraditionBeAllThatCounts) {
  v1::JobSpec spec = Spec(v1::OBJECTIVE_NO_HARM);
  spec.set_minimax_rate(1000);
  LossHistory history(1000, {{"a", {{"dizi", 2}}}});
  history.front().front().by_tradition["dizi"] = 1;
  EXPECT_NEAR(FactorsOf(spec, history).Of("a", "dizi"), 10, 1e-9);
}

TEST(ObjectiveTest, FirstRoundHasNoFactorsYet) {
  v1::JobSpec spec = Spec(v1::OBJECTIVE_MINIMAX);
  spec.set_minimax_rate(1);
  EXPECT_DOUBLE_EQ(FactorsOf(spec, {}).Of("a", "dizi"), 1);
}

TEST(ObjectiveTest, LossesOfZeroAndLongHistoriesGiveFiniteFactors) {
  v1::JobSpec spec = Spec(v1::OBJECTIVE_MINIMAX);
  spec.set_minimax_rate(10);
  const LossHistory history(5000, {{"a", {{"dizi", 0}}}, {"b", {{"harp", 1}}}});
  EXPECT_DOUBLE_EQ(FactorsOf(spec, history).Of("b", "harp"), 1);
  EXPECT_TRUE(std::isfinite(FactorsOf(spec, history).Of("a", "dizi")));
  spec = Spec(v1::OBJECTIVE_Q_FAIR);
  spec.set_fairness(3);
  EXPECT_DOUBLE_EQ(FactorsOf(spec, {{{"a", {{"dizi", 0}}}}}).Of("a", "dizi"), 1);
}

TEST(ObjectiveTest, FactorsChangeWhatArchivesWeighAndTheHeaviestHasTheMost) {
  std::vector<ArchiveSupplies> cohort;
  for (const auto& [archive, tradition] : {std::pair{"a", "dizi"}, std::pair{"b", "harp"}}) {
    ArchiveSupplies& supplies = cohort.emplace_back();
    supplies.archive = archive;
    v1::TraditionSupply& supply = supplies.supplies.emplace_back();
    supply.set_tradition(tradition);
    supply.set_training_seconds(100);
  }
  v1::JobSpec spec = Spec(v1::OBJECTIVE_Q_FAIR);
  spec.set_fairness(1);
  const ObjectiveFactors factors = FactorsOf(spec, kTwoRounds);
  for (const v1::Weighting weighting :
       {v1::WEIGHTING_EXAMPLES, v1::WEIGHTING_ARCHIVE, v1::WEIGHTING_TRADITION}) {
    EXPECT_THAT(WeighCohort(weighting, cohort, 1000, factors)->archives, ElementsAre(500, 1000));
  }
}

}  // namespace
}  // namespace consort::coordinator
