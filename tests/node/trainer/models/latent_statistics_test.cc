#include "node/trainer/models/latent_statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/node/trainer/support/sound_files.h"
#include "tests/support/status_matchers.h"

namespace consort::trainer {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::consort::trainer::testing::Noise;
using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::Pointwise;
using ::testing::StartsWith;

// 32 times each of four points around (3, 5).
std::vector<float> Cross() {
  std::vector<float> latents;
  for (float x : {5.0f, 1.0f, 3.0f, 3.0f}) latents.insert(latents.end(), 32, x);
  for (float y : {5.0f, 5.0f, 6.0f, 4.0f}) latents.insert(latents.end(), 32, y);
  return latents;
}

TEST(LatentStatisticsTest, SumsAreThoseWorkedByHand) {
  LatentSums sums(2);
  // Two frames, (1, 3) and (2, 4).
  ASSERT_THAT(sums.Add({1, 2, 3, 4}), IsOk());
  EXPECT_THAT(sums.values(), ElementsAre(2, 3, 7, 1 + 4, 3 + 8, 3 + 8, 9 + 16));
}

TEST(LatentStatisticsTest, AnalysisIsTheOneWorkedByHand) {
  LatentSums sums(2);
  ASSERT_THAT(sums.Add(Cross()), IsOk());
  const LatentAnalysis analysis = AnalyseLatents(2, sums.values()).value();
  EXPECT_EQ(analysis.frames, 128);
  EXPECT_THAT(analysis.mean, ElementsAre(3, 5));
  // Variances: half the frames are 2 off along x, half 1 off along y: 2 and 0.5.
  EXPECT_THAT(analysis.basis, Pointwise(DoubleNear(1e-12), {1.0, 0.0, 0.0, 1.0}));
  EXPECT_THAT(analysis.fidelity, Pointwise(DoubleNear(1e-12), {0.8, 1.0}));
  EXPECT_EQ(analysis.DirectionsFor(0), 1);
  EXPECT_EQ(analysis.DirectionsFor(0.79), 1);
  EXPECT_EQ(analysis.DirectionsFor(0.95), 2);
}

TEST(LatentStatisticsTest, SumsOfTwoArchivesAreThoseOfAllTheirFrames) {
  const std::vector<float> all = Cross();
  std::vector<float> first, second;
  for (size_t i = 0; i < all.size(); ++i) (i % 128 < 50 ? first : second).push_back(all[i]);
  LatentSums of_all(2), of_first(2), of_second(2);
  ASSERT_THAT(of_all.Add(all), IsOk());
  ASSERT_THAT(of_first.Add(first), IsOk());
  ASSERT_THAT(of_second.Add(second), IsOk());
  for (size_t i = 0; i < of_all.values().size(); ++i) {
    EXPECT_EQ(of_first.values()[i] + of_second.values()[i], of_all.values()[i]);  // whole numbers
  }
}

// Expected values: numpy's eigh of the covariance in double precision.
TEST(LatentStatisticsTest, AnalysisOfCorrelatedLatentsEqualsNumpys) {
  constexpr size_t kFrames = 200;
  const std::vector<float> noise = Noise(1, 3 * kFrames, 1);
  std::vector<float> latents(noise.begin(), noise.begin() + kFrames);
  for (size_t i = 0; i < kFrames; ++i) latents.push_back(0.5f * noise[i] + 0.25f * noise[kFrames + i]);
  for (size_t i = 0; i < kFrames; ++i) latents.push_back(0.125f * noise[2 * kFrames + i] + 1.0f);
  LatentSums sums(3);
  ASSERT_THAT(sums.Add(latents), IsOk());
  const LatentAnalysis analysis = AnalyseLatents(3, sums.values()).value();
  EXPECT_THAT(analysis.mean, Pointwise(DoubleNear(1e-9), {-0.004395298169, 0.013154969513, 1.011710734069}));
  EXPECT_THAT(analysis.basis,
              Pointwise(DoubleNear(1e-9), {0.885006568836, 0.465574770236, 0.001872548426,   //
                                           -0.462079844799, 0.877856744202, 0.125895804894,  //
                                           0.056970081172, -0.112283881206, 0.992041702688}));
  EXPECT_THAT(analysis.fidelity, Pointwise(DoubleNear(1e-9), {0.953736408238, 0.986987273316, 1.0}));
}

TEST(LatentStatisticsTest, WhereNothingVariesOneDirectionExplainsAll) {
  LatentSums sums(2);
  ASSERT_THAT(sums.Add(std::vector<float>(2 * 128, 1.0f)), IsOk());
  const LatentAnalysis analysis = AnalyseLatents(2, sums.values()).value();
  EXPECT_THAT(analysis.fidelity, ElementsAre(1, 1));
  EXPECT_EQ(analysis.DirectionsFor(0.95), 1);
}

TEST(LatentStatisticsTest, RefusesFewerThan128Frames) {
  LatentSums sums(1);
  ASSERT_THAT(sums.Add(std::vector<float>(127, 0.5f)), IsOk());
  EXPECT_THAT(AnalyseLatents(1, sums.values()),
              StatusIs(absl::StatusCode::kFailedPrecondition, StartsWith("too-few-latent-frames")));
  ASSERT_THAT(sums.Add({0.5f}), IsOk());
  EXPECT_THAT(AnalyseLatents(1, sums.values()), IsOk());
}

TEST(LatentStatisticsTest, RefusesLatentsThatDoNotFitAndAddsNothing) {
  LatentSums sums(2);
  EXPECT_EQ(sums.Add({1, 2, 3}).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(sums.Add({1, std::numeric_limits<float>::quiet_NaN()}),
              StatusIs(absl::StatusCode::kOutOfRange, StartsWith("not-finite")));
  EXPECT_THAT(sums.values(), ElementsAre(0, 0, 0, 0, 0, 0, 0));
}

TEST(LatentStatisticsTest, RefusesSumsThatDoNotFit) {
  const auto invalid = StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_);
  EXPECT_THAT(AnalyseLatents(2, {200, 1, 1}), invalid);
  EXPECT_THAT(AnalyseLatents(0, {200}), invalid);
  EXPECT_THAT(AnalyseLatents(1, {200.5, 1, 1}), invalid);
  EXPECT_THAT(AnalyseLatents(1, {-200, 1, 1}), invalid);
  EXPECT_THAT(AnalyseLatents(1, {200, std::numeric_limits<double>::infinity(), 1}),
              StatusIs(absl::StatusCode::kOutOfRange, StartsWith("not-finite")));
}

}  // namespace
}  // namespace consort::trainer
