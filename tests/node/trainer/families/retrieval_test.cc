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

MixtureComponent ComponentAt(double mean, double variance, double weight) {
  MixtureComponent component;
  component.weight = weight;
  component.mean.fill(mean);
  component.variance.fill(variance);
  return component;
}

TEST(RetrievalTest, DifferencesCountInStandardDeviationsOfTheMixtures) {
  // Pooled: (0.25 * 0.04 + 0.75 * 0.08 + 0.05) / 2 = 0.06; a tradition without a mixture is left out.
  const std::vector<std::vector<MixtureComponent>> mixtures = {
      {ComponentAt(0, 0.04, 0.25), ComponentAt(1, 0.08, 0.75)}, {}, {ComponentAt(0, 0.05, 1)}};
  const Wanted wanted = WantedLike({PointOf(0)}, mixtures).front();
  SegmentPoint unit = PointOf(0);
  EXPECT_EQ(DistanceOf(wanted, unit), 0);
  unit[3] = 0.6f;
  // 0.36 / 0.06 over 23 descriptors.
  EXPECT_NEAR(DistanceOf(wanted, unit), std::sqrt(6.0 / 23), 1e-6);
  unit[5] = kNone;
  EXPECT_NEAR(DistanceOf(wanted, unit), std::sqrt(6.0 / 22), 1e-6);
  EXPECT_TRUE(std::isinf(DistanceOf(wanted, PointOf(kNone))));
}

TEST(RetrievalTest, WhatAComponentHasNeverSeenDoesNotMatter) {
  MixtureComponent component = ComponentAt(0.5, 0.04, 1);
  component.variance[9] = kUnknownVariance;
  const auto wanted = WantedTypical({component, ComponentAt(0, 1, 0)});
  ASSERT_THAT(wanted, SizeIs(1)) << "the other is out of use";
  SegmentPoint unit = PointOf(0.5f);
  unit[9] = -1;
  EXPECT_EQ(DistanceOf(wanted[0], unit), 0);
  unit[0] = 0.7f;
  EXPECT_NEAR(DistanceOf(wanted[0], unit), std::sqrt(1.0 / 22), 1e-6);
}

TEST(RetrievalTest, NearestUnitsSayWhatTheyAreNearTo) {
  const std::vector<std::vector<MixtureComponent>> mixtures = {{ComponentAt(0, 0.01, 1)}};
  const std::vector<Wanted> wanted =
      WantedLike(std::vector<SegmentPoint>{PointOf(-0.5f), PointOf(0.5f)}, mixtures);
  std::vector<SegmentPoint> units = {PointOf(0.1f), PointOf(kNone), PointOf(0.5f), PointOf(-0.6f)};
  units[3][7] = -0.9f;
  const auto nearest = NearestUnits(units, wanted, 2);
  ASSERT_THAT(nearest, SizeIs(2));
  EXPECT_EQ(nearest[0].unit, 2u);
  EXPECT_EQ(nearest[0].wanted, 1u);
  EXPECT_EQ(nearest[0].distance, 0);
  EXPECT_EQ(nearest[1].unit, 3u);
  EXPECT_EQ(nearest[1].wanted, 0u);
  EXPECT_EQ(nearest[1].farthest, 7);
  // 22 descriptors one standard deviation away, and one four.
  EXPECT_NEAR(nearest[1].distance, std::sqrt((22 + 16) / 23.0), 1e-5);
  EXPECT_THAT(NearestUnits(units, wanted, 9), SizeIs(3));
}

}  // namespace
}  // namespace consort::trainer
