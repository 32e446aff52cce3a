#include "node/trainer/models/name_pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace consort::trainer {
namespace {

using ::consort::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::vector<NamedTensor> kLayout = {{"encoder.stem.weight", {1}},
                                          {"encoder.stage0.unit0.dilated.weight", {1}},
                                          {"encoder.stage0.down.weight", {1}},
                                          {"wave", {1}}};

TEST(NamePatternTest, StarStandsForAnyRunOfCharacters) {
  EXPECT_TRUE(MatchesPattern("*", "encoder.stem.weight"));
  EXPECT_TRUE(MatchesPattern("encoder.*", "encoder.stage0.down.weight"));
  EXPECT_TRUE(MatchesPattern("*.weight", "encoder.stem.weight"));
  EXPECT_TRUE(MatchesPattern("encoder.*.weight", "encoder.stage0.unit0.dilated.weight"));
  EXPECT_TRUE(MatchesPattern("encoder.stem.weight*", "encoder.stem.weight"));
  EXPECT_TRUE(MatchesPattern("**", ""));
}

TEST(NamePatternTest, LaterStarTakesMoreWhereTheFirstTryFails) {
  EXPECT_TRUE(MatchesPattern("*ab*ab", "aababab"));
  EXPECT_TRUE(MatchesPattern("a*bc", "abcbc"));
  EXPECT_FALSE(MatchesPattern("a*bc", "abcb"));
}

TEST(NamePatternTest, DescribesTheWholeName) {
  EXPECT_FALSE(MatchesPattern("encoder", "encoder.stem.weight"));
  EXPECT_FALSE(MatchesPattern("stem.weight", "encoder.stem.weight"));
  EXPECT_FALSE(MatchesPattern("", "wave"));
  EXPECT_TRUE(MatchesPattern("", ""));
  EXPECT_FALSE(MatchesPattern("wave.", "wave"));
}

TEST(NamePatternTest, OtherCharactersStandForThemselves) {
  EXPECT_FALSE(MatchesPattern("encoder?stem.weight", "encoder.stem.weight"));
  EXPECT_FALSE(MatchesPattern("[ew]*", "wave"));
  EXPECT_FALSE(MatchesPattern("WAVE", "wave"));
  EXPECT_TRUE(MatchesPattern("[ew]?*", "[ew]?1"));
}

TEST(NamePatternTest, ManyStarsTakeFewSteps) {
  const std::string stars = "*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*ab";
  EXPECT_FALSE(MatchesPattern(stars, std::string(2000, 'a')));
}

TEST(FrozenWeightsTest, MarksWhatAnyPatternMatches) {
  EXPECT_THAT(FrozenWeights(kLayout, {}).value(), ElementsAre(false, false, false, false));
  EXPECT_THAT(FrozenWeights(kLayout, {"encoder.stage0.*", "wave"}).value(),
              ElementsAre(false, true, true, true));
}

TEST(FrozenWeightsTest, RefusesAPatternThatMatchesNothing) {
  EXPECT_THAT(FrozenWeights(kLayout, {"wave", "decoder.*"}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(StartsWith("wrong-job: "), HasSubstr("decoder.*;"),
                             HasSubstr("encoder.stem.*, encoder.stage0.*, wave"), Not(HasSubstr("down")))));
}

TEST(FrozenWeightsTest, RefusesToFreezeEverything) {
  EXPECT_THAT(FrozenWeights(kLayout, {"encoder.*", "wave"}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(StartsWith("wrong-job: "), HasSubstr("encoder.*, wave"))));
}

}  // namespace
}  // namespace consort::trainer
