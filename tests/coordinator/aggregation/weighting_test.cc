#include "coordinator/aggregation/weighting.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace consort::coordinator {
namespace {

using ::consort::testing::StatusIs;
using ::testing::_;
using ::testing::ElementsAre;
using ::testing::Pair;

ArchiveSupplies Archive(const std::string& name,
                        const std::vector<std::pair<std::string, uint64_t>>& seconds) {
  ArchiveSupplies archive{name, {}};
  for (const auto& [tradition, training_seconds] : seconds) {
    v1::TraditionSupply& supply = archive.supplies.emplace_back();
    supply.set_tradition(tradition);
    supply.set_training_seconds(training_seconds);
  }
  return archive;
}

CohortWeights Weigh(v1::Weighting weighting, const std::vector<ArchiveSupplies>& cohort,
                    uint32_t max_weight) {
  return WeighCohort(weighting, cohort, max_weight).value();
}

TEST(WeighCohortTest, ExamplesAreSecondsCappedByTheJob) {
  const CohortWeights weights =
      Weigh(v1::WEIGHTING_EXAMPLES,
            {Archive("a", {{"dizi", 120}}), Archive("b", {{"harp", 5000}}),
             Archive("c", {{"harp", 30}, {"bells", 10}}), Archive("d", {{"bells", 0}})},
            1000);
  EXPECT_THAT(weights.archives, ElementsAre(120, 1000, 40, 1));
  EXPECT_THAT(weights.traditions, ElementsAre(Pair("bells", 11), Pair("dizi", 120), Pair("harp", 1030)));
}

TEST(WeighCohortTest, ArchivesWeighTheSame) {
  const CohortWeights weights = Weigh(
      v1::WEIGHTING_ARCHIVE, {Archive("a", {{"dizi", 1}}), Archive("b", {{"harp", 300}, {"bells", 100}})}, 8);
  EXPECT_THAT(weights.archives, ElementsAre(8, 8));
  // By hand: b's 8 by 300 to 100.
  EXPECT_THAT(weights.traditions, ElementsAre(Pair("bells", 2), Pair("dizi", 8), Pair("harp", 6)));
}

TEST(WeighCohortTest, TraditionsWeighTheSameHoweverManyArchivesHoldThem) {
  const CohortWeights weights = Weigh(
      v1::WEIGHTING_TRADITION,
      {Archive("a", {{"harp", 300}}), Archive("b", {{"harp", 100}}), Archive("c", {{"dizi", 20}})}, 1000);
  // By hand: shares 0.75, 0.25 and 1; the heaviest has 1000.
  EXPECT_THAT(weights.archives, ElementsAre(750, 250, 1000));
  EXPECT_THAT(weights.traditions, ElementsAre(Pair("dizi", 1000), Pair("harp", 1000)));
}

TEST(WeighCohortTest, AnArchiveOfTwoTraditionsSharesItsWeightAmongThem) {
  const CohortWeights weights =
      Weigh(v1::WEIGHTING_TRADITION,
            {Archive("a", {{"harp", 100}, {"dizi", 50}}), Archive("b", {{"dizi", 50}})}, 900);
  // By hand: a has 1 + 0.5, b has 0.5; scaled by 600.
  EXPECT_THAT(weights.archives, ElementsAre(900, 300));
  EXPECT_THAT(weights.traditions, ElementsAre(Pair("dizi", 600), Pair("harp", 600)));
}

TEST(WeighCohortTest, RemaindersGoToTheLargestAndNothingIsLost) {
  const CohortWeights weights =
      Weigh(v1::WEIGHTING_ARCHIVE, {Archive("a", {{"x", 1}, {"y", 1}, {"z", 1}})}, 8);
  // 2.67 each: the two left over go to the first two.
  EXPECT_THAT(weights.traditions, ElementsAre(Pair("x", 3), Pair("y", 3), Pair("z", 2)));
}

TEST(WeighCohortTest, NoArchiveEverWeighsNothing) {
  const CohortWeights weights = Weigh(
      v1::WEIGHTING_TRADITION, {Archive("a", {{"harp", 1'000'000}}), Archive("b", {{"harp", 1}})}, 1000);
  EXPECT_THAT(weights.archives, ElementsAre(1000, 1));
}

TEST(WeighCohortTest, SharesSayInWhatProportionsAnArchiveTrainsOnItsTraditions) {
  const std::vector<ArchiveSupplies> cohort = {Archive("a", {{"harp", 100}, {"dizi", 50}}),
                                               Archive("b", {{"dizi", 50}})};
  EXPECT_THAT(Weigh(v1::WEIGHTING_TRADITION, cohort, 900).shares,
              ElementsAre(ElementsAre(600, 300), ElementsAre(300)));
  ObjectiveFactors factors;
  factors.traditions = {{"harp", 1}, {"dizi", 4}};
  // By hand: a has 1 + 4 / 2, b has 4 / 2; scaled by 300.
  EXPECT_THAT(WeighCohort(v1::WEIGHTING_TRADITION, cohort, 900, factors)->shares,
              ElementsAre(ElementsAre(300, 600), ElementsAre(600)));
}

TEST(WeighCohortTest, NoTraditionOfAnArchiveIsEverLeftOut) {
  const CohortWeights weights =
      Weigh(v1::WEIGHTING_EXAMPLES, {Archive("a", {{"harp", 1'000'000}, {"bells", 1}})}, 100);
  EXPECT_THAT(weights.shares, ElementsAre(ElementsAre(100, 1)));
}

TEST(WeighCohortTest, RefusesWhatHasNoWeights) {
  const ArchiveSupplies archive = Archive("a", {{"harp", 1}});
  EXPECT_THAT(WeighCohort(v1::WEIGHTING_EXAMPLES, {}, 1), StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(WeighCohort(v1::WEIGHTING_EXAMPLES, {archive}, 0),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(WeighCohort(v1::WEIGHTING_UNSPECIFIED, {archive}, 1),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(WeighCohort(v1::WEIGHTING_EXAMPLES, {Archive("a", {})}, 1),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
}

}  // namespace
}  // namespace consort::coordinator
