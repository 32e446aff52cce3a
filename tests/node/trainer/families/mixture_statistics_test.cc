#include "node/trainer/families/mixture_statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "node/trainer/families/mixture_state.h"
#include "tests/node/trainer/families/mixture_reference.h"
#include "tests/node/trainer/support/sound_files.h"
#include "tests/support/status_matchers.h"

namespace consort::trainer {
namespace {

using ::consort::testing::StatusIs;
using ::consort::trainer::testing::kReferenceLogLikelihoods;
using ::consort::trainer::testing::kReferenceMixture;
using ::consort::trainer::testing::Noise;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int kPoints = 300;
constexpr int kComponents = 3;

// As in print_mixture_reference.py.
std::vector<SegmentPoint> ExamplePoints() {
  const std::vector<float> noise = Noise(1, kPoints * kSegmentDescriptors, 0.6f);
  const std::vector<float> centres = Noise(2, kComponents * kSegmentDescriptors, 0.15f);
  std::vector<SegmentPoint> points(kPoints);
  for (int i = 0; i < kPoints; ++i) {
    for (int d = 0; d < kSegmentDescriptors; ++d) {
      points[i][d] = noise[i * kSegmentDescriptors + d] + centres[i % kComponents * kSegmentDescriptors + d];
      if (i % 5 == 0 && d >= 9 && d < 12) points[i][d] = std::numeric_limits<float>::quiet_NaN();
    }
  }
  return points;
}

std::vector<MixtureComponent> ExampleStart() {
  const std::vector<float> means = Noise(3, kComponents * kSegmentDescriptors, 0.5f);
  std::vector<MixtureComponent> mixture(kComponents);
  for (int k = 0; k < kComponents; ++k) {
    mixture[k].weight = 1.0 / kComponents;
    mixture[k].variance.fill(0.25);
    for (int d = 0; d < kSegmentDescriptors; ++d) mixture[k].mean[d] = means[k * kSegmentDescriptors + d];
  }
  return mixture;
}

MixtureStatistics Counted(const std::vector<MixtureComponent>& mixture,
                          absl::Span<const SegmentPoint> points) {
  MixtureStatistics statistics(kComponents);
  Accumulate(mixture, points, statistics);
  return statistics;
}

TEST(MixtureStatisticsTest, ThreeIterationsEqualNumpysInDoublePrecision) {
  const std::vector<SegmentPoint> points = ExamplePoints();
  std::vector<MixtureComponent> mixture = ExampleStart();
  for (const double log_likelihood : kReferenceLogLikelihoods) {
    const MixtureStatistics statistics = Counted(mixture, points);
    // Each of 300 points is rounded to 2^-8; a likelihood of 1,000 bears an error of 1 in none of our uses.
    EXPECT_NEAR(static_cast<double>(statistics.log_likelihood) * kLogLikelihoodStep, log_likelihood, 0.3);
    mixture = Maximise(statistics);
  }
  for (int k = 0; k < kComponents; ++k) {
    const auto& reference = kReferenceMixture[k];
    EXPECT_NEAR(mixture[k].weight, reference.weight, 2e-6);
    for (int i = 0; i < 3; ++i) {
      const int d = testing::kReferenceDescriptors[i];
      EXPECT_NEAR(mixture[k].mean[d], reference.moments[i].mean, 5e-6) << k << " " << d;
      EXPECT_NEAR(mixture[k].variance[d], reference.moments[i].variance, 5e-6) << k << " " << d;
    }
  }
}

TEST(MixtureStatisticsTest, SumsOverTwoArchivesAreThoseOverAllRecordingsBitForBit) {
  const std::vector<SegmentPoint> points = ExamplePoints();
  const auto mixture = ExampleStart();
  const MixtureStatistics whole = Counted(mixture, points);
  MixtureStatistics sum = Counted(mixture, absl::MakeConstSpan(points).first(71));
  const MixtureStatistics other = Counted(mixture, absl::MakeConstSpan(points).subspan(71));
  for (size_t i = 0; i < sum.segments.size(); ++i) sum.segments[i] += other.segments[i];
  for (size_t i = 0; i < sum.sum.size(); ++i) {
    sum.count[i] += other.count[i];
    sum.sum[i] += other.sum[i];
    sum.square[i] += other.square[i];
  }
  EXPECT_EQ(sum.segments, whole.segments);
  EXPECT_EQ(sum.count, whole.count);
  EXPECT_EQ(sum.sum, whole.sum);
  EXPECT_EQ(sum.square, whole.square);
  EXPECT_EQ(sum.log_likelihood + other.log_likelihood, whole.log_likelihood);
}

TEST(MixtureStatisticsTest, AnIterationNeverLowersTheLikelihood) {
  const std::vector<SegmentPoint> points = ExamplePoints();
  std::vector<MixtureComponent> mixture = ExampleStart();
  double before = -std::numeric_limits<double>::infinity();
  for (int iteration = 0; iteration < 20; ++iteration) {
    const MixtureStatistics statistics = Counted(mixture, points);
    const double after = static_cast<double>(statistics.log_likelihood) * kLogLikelihoodStep;
    EXPECT_GE(after, before - kPoints * kLogLikelihoodStep) << iteration;
    before = after;
    mixture = Maximise(statistics);
  }
}

// Two points of one value in each descriptor, 0.25 and 0.75, counted for one component.
TEST(MixtureStatisticsTest, OneComponentIsMeanAndVarianceByHand) {
  std::vector<SegmentPoint> points(2);
  points[0].fill(0.25f);
  points[1].fill(0.75f);
  MixtureStatistics statistics(1);
  Accumulate({}, points, statistics);
  const auto mixture = Maximise(statistics);
  EXPECT_EQ(mixture[0].weight, 1);
  EXPECT_DOUBLE_EQ(mixture[0].mean[0], 0.5);
  EXPECT_DOUBLE_EQ(mixture[0].variance[0], 0.0625);
}

TEST(MixtureStatisticsTest, SpreadHasAFloorAndSoHasTheNumberOfSegments) {
  std::vector<SegmentPoint> points(2);
  for (auto& point : points) point.fill(0.5f);
  MixtureStatistics statistics(1);
  Accumulate({}, points, statistics);
  EXPECT_EQ(Maximise(statistics)[0].variance[0], kLeastVariance);
  MixtureStatistics one(1);
  Accumulate({}, absl::MakeConstSpan(points).first(1), one);
  EXPECT_THAT(Maximise(one), IsEmpty());
}

TEST(MixtureStatisticsTest, AValueThatIsMissingLeavesItsDescriptorAsItWas) {
  std::vector<SegmentPoint> points(3);
  points[0].fill(0.25f);
  points[1].fill(0.75f);
  points[2].fill(0.5f);
  points[2][9] = std::numeric_limits<float>::quiet_NaN();
  MixtureStatistics statistics(1);
  Accumulate({}, points, statistics);
  EXPECT_DOUBLE_EQ(Maximise(statistics)[0].variance[9], 0.0625);
  EXPECT_LT(Maximise(statistics)[0].variance[8], 0.0625);
}

TEST(MixtureStatisticsTest, OnlyComponentsThatAreTheSameAreMovedApart) {
  std::vector<MixtureComponent> mixture = ExampleStart();
  const auto start = ExampleStart();
  MoveApart(mixture, 1);
  EXPECT_EQ(mixture[1].mean, start[1].mean);
  mixture[0] = mixture[1] = mixture[2];
  MoveApart(mixture, 1);
  EXPECT_NE(mixture[0].mean, mixture[1].mean);
  for (int d = 0; d < kSegmentDescriptors; ++d) EXPECT_NEAR(mixture[0].mean[d], start[2].mean[d], 0.5);
}

TEST(MixtureStateTest, ValuesComeBackExactlyThroughAFile) {
  MixtureState state({"a", "b"}, kComponents);
  Accumulate(ExampleStart(), ExamplePoints(), state.at(1));
  // More than 24 bits, and below zero.
  state.at(0).sum[4] = -(int64_t{1} << 33) - 12345;
  const auto read = MixtureState::Parse({"a", "b"}, kComponents, state.Save({}).value()).value();
  EXPECT_EQ(read.at(0).sum, state.at(0).sum);
  EXPECT_EQ(read.at(1).square, state.at(1).square);
  EXPECT_EQ(read.at(1).log_likelihood, state.at(1).log_likelihood);
}

TEST(MixtureStateTest, OtherTraditionsAndValuesThatNoSumHasAreRefused) {
  const std::string file = MixtureState({"a"}, kComponents).Save({}).value();
  EXPECT_THAT(MixtureState::Parse({"b"}, kComponents, file),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("wrong-architecture")));
  EXPECT_THAT(MixtureState::Parse({"a"}, kComponents + 1, file),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("wrong-architecture")));
  std::string damaged = file;
  const float third = 1.0f / 3;
  damaged.replace(damaged.size() - sizeof(third), sizeof(third), reinterpret_cast<const char*>(&third),
                  sizeof(third));
  EXPECT_THAT(MixtureState::Parse({"a"}, kComponents, damaged),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("artifact-damaged")));
}

// The largest cohort: a manifest with these bounds must not overflow.
TEST(MixtureStateTest, SegmentsFitAManifestOfTheLargestCohort) {
  std::vector<Segment> segments = MixtureState::Segments({"a", "b"}, 64);
  segments.insert(segments.begin(), {"weight", {1}, SegmentKind::kDelta});
  Manifest::Terms terms{.clip_norm = 1, .max_weight = 1, .cohort_bound = kMostArchives};
  EXPECT_THAT(Manifest::Create(segments, terms), consort::testing::IsOk());
  terms.cohort_bound = kMostArchives + 1;
  EXPECT_EQ(Manifest::Create(segments, terms).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace consort::trainer
