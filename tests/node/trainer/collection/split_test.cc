#include "node/trainer/collection/split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace consort::trainer {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

TEST(SplitTest, HoldoutIsAQuarterAndThreeAtLeastWhereThereAreSix) {
  EXPECT_EQ(HoldoutCount(0), 0);
  EXPECT_EQ(HoldoutCount(1), 0);
  EXPECT_EQ(HoldoutCount(2), 1);
  EXPECT_EQ(HoldoutCount(5), 1);
  EXPECT_EQ(HoldoutCount(6), 3);
  EXPECT_EQ(HoldoutCount(15), 3);
  EXPECT_EQ(HoldoutCount(16), 4);
  EXPECT_EQ(HoldoutCount(100), 25);
}

TEST(SplitTest, FirstByDigestAreHeldOutInWhateverOrderTheyCame) {
  EXPECT_THAT(ChooseHoldout({"f", "a", "d", "c", "b", "e"}, 0, 0), UnorderedElementsAre("a", "b", "c"));
}

TEST(SplitTest, NewRecordingsAreTrainedOnWhereAHoldoutExists) {
  EXPECT_THAT(ChooseHoldout({"a", "b", "c"}, 30, 3), IsEmpty());
}

TEST(SplitTest, NewRecordingIsHeldOutWhereThereIsNoHoldout) {
  EXPECT_THAT(ChooseHoldout({"b"}, 1, 0), UnorderedElementsAre("b"));
  EXPECT_THAT(ChooseHoldout({"b"}, 0, 0), IsEmpty());
}

}  // namespace
}  // namespace consort::trainer
