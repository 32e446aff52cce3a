#include <cmath>
#include <random>
#include <vector>

#include "common/update/ring_codec.h"
#include "gmock/gmock.h"
#include "tests/common/update/example_manifest.h"
#include "tests/support/status_matchers.h"

namespace consort {
namespace {

using ::consort::testing::DeltaManifest;
using ::consort::testing::ExampleManifest;
using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::testing::StartsWith;

uint32_t Ring(int32_t value) { return static_cast<uint32_t>(value); }

// The whole check of one payload under the example's manifest: L = 10 steps, 4 deltas, 1 statistic of at most
// 8 steps.
absl::Status Check(const std::vector<uint32_t>& payload, uint32_t granted = 10) {
  const Manifest manifest = ExampleManifest();
  UpdateChecker checker(manifest, granted);
  const absl::Status added = checker.Add(payload);
  return added.ok() ? checker.Finish() : added;
}

TEST(UpdateCheckerTest, AcceptsTheExampleOfTheFormat) {
  const Manifest manifest = ExampleManifest();
  UpdateChecker checker(manifest, 10);
  ASSERT_THAT(checker.Add({5, 3}), IsOk());
  ASSERT_THAT(checker.Add({Ring(-3), 2, 3, 10}), IsOk());
  ASSERT_THAT(checker.Finish(), IsOk());
  // By hand: sqrt(25 + 9 + 9 + 4) / 5 steps a unit.
  EXPECT_DOUBLE_EQ(checker.delta_norm(), std::sqrt(47.0) / 5);
}

TEST(UpdateCheckerTest, TheNormIsThatBeforeWeighting) {
  const Manifest manifest = ExampleManifest();
  UpdateChecker checker(manifest, 10);
  ASSERT_THAT(checker.Add({2, 0, 0, 0, 0, /*weight=*/5}), IsOk());
  ASSERT_THAT(checker.Finish(), IsOk());
  EXPECT_DOUBLE_EQ(checker.delta_norm(), 2.0 / 5 / 0.5);
}

TEST(UpdateCheckerTest, RefusesTruncatedAndExtraCoordinates) {
  EXPECT_THAT(Check({5, 3, 0, 0, 3}),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("wrong-length:")));
  EXPECT_THAT(Check({5, 3, 0, 0, 3, 10, 0}),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("wrong-length:")));
}

TEST(UpdateCheckerTest, ABlockPastTheEndLeavesTheCheckerUnchanged) {
  const Manifest manifest = ExampleManifest();
  UpdateChecker checker(manifest, 10);
  ASSERT_THAT(checker.Add({1, 0, 0}), IsOk());
  EXPECT_FALSE(checker.Add({1000, 0, 0, 0}).ok());
  ASSERT_THAT(checker.Add({0, 0, 10}), IsOk());
  EXPECT_THAT(checker.Finish(), IsOk());
}

TEST(UpdateCheckerTest, RefusesAWeightOfZeroOrAboveTheGranted) {
  EXPECT_THAT(Check({0, 0, 0, 0, 0, 0}),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("weight-zero:")));
  EXPECT_THAT(Check({0, 0, 0, 0, 0, 6}, /*granted=*/5),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("weight-above-granted:")));
  EXPECT_THAT(Check({0, 0, 0, 0, 0, 0xFFFFFFFFu}),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("weight-above-granted:")));
  EXPECT_THAT(Check({0, 0, 0, 0, 0, 5}, /*granted=*/5), IsOk());
}

TEST(UpdateCheckerTest, RefusesAStatisticAboveItsBound) {
  EXPECT_THAT(Check({0, 0, 0, 0, 8, 10}), IsOk());
  EXPECT_THAT(Check({0, 0, 0, 0, 9, 10}),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("statistic-above-bound:")));
  EXPECT_THAT(Check({0, 0, 0, 0, Ring(-9), 10}),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("statistic-above-bound:")));
  EXPECT_THAT(Check({0, 0, 0, 0, 0x80000000u, 10}),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("statistic-above-bound:")));
}

TEST(UpdateCheckerTest, RefusesANormAboveTheClipBeyondWhatRoundingCanAdd) {
  // The clip is 10 steps; rounding moves 4 coordinates by less than 1 step each, so by less than 2 steps
  // together.
  EXPECT_THAT(Check({12, 0, 0, 0, 0, 10}), IsOk());
  EXPECT_THAT(Check({13, 0, 0, 0, 0, 10}),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("norm-above-clip:")));
  EXPECT_THAT(Check({0x80000000u, 0, 0, 0, 0, 10}),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("norm-above-clip:")));
}

TEST(UpdateCheckerTest, ALighterWeightHasALowerBound) {
  // With weight 5 of 10 the clip is 5 steps.
  EXPECT_THAT(Check({7, 0, 0, 0, 0, 5}), IsOk());
  EXPECT_THAT(Check({8, 0, 0, 0, 0, 5}),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("norm-above-clip:")));
}

TEST(UpdateCheckerTest, AcceptsWhatTheEncoderMakesOfUpdatesFarAboveTheClip) {
  std::mt19937 random(3);
  std::normal_distribution<float> normal(0, 1);
  for (const uint32_t cohort : {1u, 4u, 200u, 1'000'000u}) {
    const int64_t size = 10'000;
    const Manifest manifest = DeltaManifest(size, /*clip_norm=*/1, /*max_weight=*/1000, cohort);
    std::vector<float> values(size);
    for (float& value : values) value = normal(random);
    NormMeter meter(manifest);
    ASSERT_THAT(meter.Add(values), IsOk());
    RingEncoder encoder = RingEncoder::Create(manifest, 777, meter.delta_norm(), cohort).value();
    std::vector<uint32_t> payload(size + 1);
    ASSERT_THAT(encoder.Encode(values, absl::MakeSpan(payload).first(size)), IsOk());
    payload.back() = encoder.Weight().value();
    UpdateChecker checker(manifest, 777);
    ASSERT_THAT(checker.Add(payload), IsOk());
    EXPECT_THAT(checker.Finish(), IsOk()) << cohort;
  }
}

}  // namespace
}  // namespace consort
