#include "common/update/manifest_turn.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace consort {
namespace {

using ::testing::Eq;
using ::testing::Optional;

TEST(ManifestTurnTest, ManifestsTakeTurns) {
  EXPECT_THAT(ManifestTurn(1, false, 7, 10), Optional(Eq(0u)));
  EXPECT_THAT(ManifestTurn(2, false, 1, 4), Optional(Eq(0u)));
  EXPECT_THAT(ManifestTurn(2, false, 2, 4), Optional(Eq(1u)));
  EXPECT_THAT(ManifestTurn(2, false, 4, 4), Optional(Eq(1u)));
}

TEST(ManifestTurnTest, LastRoundsOwnHasNoOtherTurn) {
  EXPECT_THAT(ManifestTurn(2, true, 1, 4), Optional(Eq(0u)));
  EXPECT_THAT(ManifestTurn(2, true, 3, 4), Optional(Eq(0u)));
  EXPECT_THAT(ManifestTurn(2, true, 4, 4), Optional(Eq(1u)));
  // Factors B and A in turns, then the analysis.
  EXPECT_THAT(ManifestTurn(3, true, 2, 4), Optional(Eq(1u)));
  EXPECT_THAT(ManifestTurn(3, true, 3, 4), Optional(Eq(0u)));
  EXPECT_THAT(ManifestTurn(3, true, 4, 4), Optional(Eq(2u)));
}

TEST(ManifestTurnTest, TooFewManifestsHaveNoTurn) {
  EXPECT_EQ(ManifestTurn(0, false, 1, 4), std::nullopt);
  EXPECT_EQ(ManifestTurn(1, true, 1, 4), std::nullopt);
  EXPECT_EQ(ManifestTurn(1, true, 4, 4), std::nullopt);
  EXPECT_EQ(ManifestTurn(2, false, 0, 4), std::nullopt);
}

}  // namespace
}  // namespace consort
