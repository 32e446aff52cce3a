#include "node/trainer/families/segment_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace consort::trainer {
namespace {

using ::testing::SizeIs;

TEST(SegmentCacheTest, FindsAPieceByRecordingAndBeginning) {
  SegmentCache cache;
  cache.Insert("a", 0, std::vector<SegmentPoint>(3));
  EXPECT_THAT(cache.Find("a", 0).value(), SizeIs(3));
  EXPECT_FALSE(cache.Find("a", 44100).has_value());
  EXPECT_FALSE(cache.Find("b", 0).has_value());
}

TEST(SegmentCacheTest, RemembersNothingOfARecordingWithoutIdentity) {
  SegmentCache cache;
  cache.Insert("", 0, std::vector<SegmentPoint>(3));
  EXPECT_FALSE(cache.Find("", 0).has_value());
}

TEST(SegmentCacheTest, StaysWithinItsBound) {
  SegmentCache cache(/*most_segments=*/10);
  cache.Insert("a", 0, std::vector<SegmentPoint>(6));
  cache.Insert("b", 0, std::vector<SegmentPoint>(6));
  EXPECT_FALSE(cache.Find("a", 0).has_value());
  EXPECT_TRUE(cache.Find("b", 0).has_value());
  cache.Insert("c", 0, std::vector<SegmentPoint>(11));
  EXPECT_FALSE(cache.Find("c", 0).has_value());
  EXPECT_TRUE(cache.Find("b", 0).has_value());
}

}  // namespace
}  // namespace consort::trainer
