#include "common/random/seeded_random.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace consort {
namespace {

using ::testing::ElementsAre;

TEST(SeededRandomTest, DrawsThePublishedSequenceOfSplitmix64) {
  SeededRandom random(1234567);
  // The known answers that implementations of splitmix64 are checked with (seed 1234567).
  EXPECT_EQ(random.Next(), 6457827717110365317u);
  EXPECT_EQ(random.Next(), 3203168211198807973u);
  EXPECT_EQ(random.Next(), 9817491932198370423u);
}

TEST(SeededRandomTest, UniformDrawsStayInTheirRangeAndFillIt) {
  SeededRandom random(1);
  double sum = 0;
  for (int i = 0; i < 100000; ++i) {
    const double draw = random.Uniform();
    ASSERT_GE(draw, 0);
    ASSERT_LT(draw, 1);
    sum += draw;
  }
  EXPECT_NEAR(sum / 100000, 0.5, 0.005);  // five standard errors
}

TEST(SeededRandomTest, BoundedDrawsAreEven) {
  SeededRandom random(2);
  std::vector<int> counts(3);
  for (int i = 0; i < 30000; ++i) ++counts.at(random.Below(3));
  for (int count : counts) EXPECT_NEAR(count, 10000, 410);  // five standard deviations
}

TEST(SeededRandomTest, ShuffleKeepsEveryItem) {
  std::vector<int> items = {1, 2, 3, 4, 5};
  SeededRandom(3).Shuffle(items);
  std::sort(items.begin(), items.end());
  EXPECT_THAT(items, ElementsAre(1, 2, 3, 4, 5));
}

TEST(SeedFromTest, IsTheHashOfTheLengthPrefixedParts) {
  // SHA-256 of 02 00.. (8 bytes) "ab" 01 00.. "c", first 8 bytes read as little-endian, worked with Python's
  // hashlib.
  EXPECT_EQ(SeedFrom({"ab", "c"}), 14556160083343306307u);
  EXPECT_NE(SeedFrom({"ab", "c"}), SeedFrom({"a", "bc"}));
}

}  // namespace
}  // namespace consort
