#include "node/trainer/families/retrieval.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace consort::trainer {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr float kNone = std::numeric_limits<float>::quiet_NaN();

SegmentPoint PointOf(float all) {
  SegmentPoint point;
  point.fill(all);
  return point;
}

TEST(RetrievalTest, MeansLeaveOutSecondsWithoutTheDescriptor) {
  std::vector<SegmentPoint> segments = {PointOf(0), PointOf(0.5f)};
  segments[0][9] = kNone;
  const SegmentPoint mean = MeanPoint(segments);
  EXPECT_EQ(mean[0], 0.25f);
  EXPECT_EQ(mean[9], 0.5f);
  EXPECT_TRUE(std::isnan(MeanPoint({})[0]));
}

TEST(RetrievalTest, DistanceIsTheRootMeanSquareOverSharedDescriptors) {
  SegmentPoint a = PointOf(0), b = PointOf(0);
  a[9] = kNone;
  b[9] = 1;
  EXPECT_EQ(DistanceOf(a, b), 0);
  b[0] = 0.6f;
  b[1] = -0.8f;
  // 0.36 + 0.64 over the 22 that both have.
  EXPECT_NEAR(DistanceOf(a, b), std::sqrt(1.0 / 22), 1e-7);
}

TEST(RetrievalTest, NearestComeFirstWithWhatTheyShareAndWhatNot) {
  std::vector<SegmentPoint> recordings = {PointOf(0), PointOf(0.5f), PointOf(0.1f), PointOf(kNone),
                                          PointOf(-0.1f)};
  recordings[2][4] = 0.9f;
  recordings[2][7] = 0;
  const auto nearest = NearestRecordings(recordings, 0, 2);
  ASSERT_THAT(nearest, SizeIs(2));
  EXPECT_EQ(nearest[0].recording, 4u);
  EXPECT_NEAR(nearest[0].distance, 0.1, 1e-7);
  EXPECT_EQ(nearest[1].recording, 2u);
  EXPECT_EQ(nearest[1].farthest, 4);
  EXPECT_EQ(nearest[1].closest, 7);
  EXPECT_THAT(NearestRecordings(recordings, 0, 9), SizeIs(3));
}

TEST(RetrievalTest, SilenceIsNearNothing) {
  EXPECT_THAT(NearestRecordings(std::vector<SegmentPoint>{PointOf(kNone), PointOf(0)}, 0, 1), IsEmpty());
}

}  // namespace
}  // namespace consort::trainer
