#include "node/trainer/measures/melody_accuracy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/support/status_matchers.h"

namespace consort::trainer {
namespace {

using ::consort::testing::StatusIs;

constexpr float kNone = std::numeric_limits<float>::quiet_NaN();

float Cents(double hertz, double cents) { return static_cast<float>(hertz * std::exp2(cents / 1200)); }

TEST(MelodyAccuracyTest, CountsVoicedFramesOfTheReferenceOnly) {
  // By hand: five voiced frames. Right: equal, 49 cents off. Wrong: 51 cents off, unvoiced estimate. An
  // octave off is right for chroma only. The unvoiced frame does not count.
  const std::vector<float> reference = {440, 440, 440, 440, 440, kNone};
  const std::vector<float> estimate = {440, Cents(440, 49), Cents(440, -51), kNone, 880, 440};
  const MelodyAccuracy accuracy = CompareMelodies(reference, estimate).value();
  EXPECT_DOUBLE_EQ(accuracy.raw_pitch, 2.0 / 5);
  EXPECT_DOUBLE_EQ(accuracy.raw_chroma, 3.0 / 5);
  EXPECT_EQ(accuracy.voiced_frames, 5);
}

TEST(MelodyAccuracyTest, ChromaForgivesOctavesAndNothingElse) {
  const std::vector<float> reference = {440, 440, 440, 440};
  const std::vector<float> estimate = {1760, 110, Cents(880, 45), 660};
  const MelodyAccuracy accuracy = CompareMelodies(reference, estimate).value();
  EXPECT_DOUBLE_EQ(accuracy.raw_pitch, 0);
  EXPECT_DOUBLE_EQ(accuracy.raw_chroma, 3.0 / 4);
}

TEST(MelodyAccuracyTest, AGuessCalledUnvoicedCounts) {
  EXPECT_DOUBLE_EQ(CompareMelodies({440}, {-440})->raw_pitch, 1);
}

TEST(MelodyAccuracyTest, ZeroIsUnvoicedLikeNaN) {
  const MelodyAccuracy accuracy = CompareMelodies({440, 0}, {0, 440}).value();
  EXPECT_EQ(accuracy.voiced_frames, 1);
  EXPECT_DOUBLE_EQ(accuracy.raw_chroma, 0);
}

TEST(MelodyAccuracyTest, WithoutVoicedFramesThereIsNothingToBeRightAbout) {
  const MelodyAccuracy accuracy = CompareMelodies({kNone, 0}, {440, 440}).value();
  EXPECT_EQ(accuracy.voiced_frames, 0);
  EXPECT_EQ(accuracy.raw_pitch, 0);
}

TEST(MelodyAccuracyTest, OtherLengthsAndInfinityAreRefused) {
  EXPECT_THAT(CompareMelodies({440}, {440, 440}), StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_));
  EXPECT_THAT(CompareMelodies({440}, {std::numeric_limits<float>::infinity()}),
              StatusIs(absl::StatusCode::kInvalidArgument, ::testing::HasSubstr("not-finite")));
}

}  // namespace
}  // namespace consort::trainer
