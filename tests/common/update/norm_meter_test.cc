#include <limits>
#include <vector>

#include "common/update/ring_codec.h"
#include "gmock/gmock.h"
#include "tests/common/update/example_manifest.h"
#include "tests/support/status_matchers.h"

namespace consort {
namespace {

using ::consort::testing::ExampleManifest;
using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::testing::HasSubstr;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

class NormMeterTest : public ::testing::Test {
 protected:
  const Manifest manifest_ = ExampleManifest();  // 4 deltas, 1 statistic with quantum 0.5 and bound 4
  NormMeter meter_{manifest_};
};

TEST_F(NormMeterTest, MeasuresTheDeltasAlone) {
  ASSERT_THAT(meter_.Add({3, 0, 0, -4, 2.5}), IsOk());
  EXPECT_THAT(meter_.Finish(), IsOk());
  EXPECT_EQ(meter_.delta_norm(), 5);
}

TEST_F(NormMeterTest, TakesValuesInPieces) {
  ASSERT_THAT(meter_.Add({3}), IsOk());
  ASSERT_THAT(meter_.Add({}), IsOk());
  ASSERT_THAT(meter_.Add({0, 0, -4, 2.5}), IsOk());
  EXPECT_EQ(meter_.delta_norm(), 5);
}

TEST_F(NormMeterTest, RefusesWhatIsNotFiniteAndNamesItsPlace) {
  EXPECT_THAT(meter_.Add({1, 1, kNan, 1, 0}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("segment decoder.weight at index 0")));
  EXPECT_THAT(meter_.Add({1, kInfinity, 1, 1, 0}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("segment decoder.bias at index 1")));
  EXPECT_THAT(meter_.Add({1, -kInfinity}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not-finite")));
  EXPECT_THAT(meter_.Add({1, 1, 1, 1, kNan}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("segment statistics/loss at index 0")));
}

TEST_F(NormMeterTest, ARefusedPieceLeavesTheMeterUnchanged) {
  ASSERT_THAT(meter_.Add({3, 0}), IsOk());
  EXPECT_FALSE(meter_.Add({1, kNan}).ok());
  EXPECT_FALSE(meter_.Add({1, 1, 99}).ok());
  ASSERT_THAT(meter_.Add({0, -4, 2.5}), IsOk());
  EXPECT_THAT(meter_.Finish(), IsOk());
  EXPECT_EQ(meter_.delta_norm(), 5);
}

TEST_F(NormMeterTest, RefusesAStatisticAboveItsBoundOrOffItsQuantum) {
  EXPECT_THAT(meter_.Add({0, 0, 0, 0, 4.5}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("statistic-above-bound")));
  EXPECT_THAT(meter_.Add({0, 0, 0, 0, -4.5}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("statistic-above-bound")));
  EXPECT_THAT(meter_.Add({0, 0, 0, 0, 1.25}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("statistic-off-quantum")));
  EXPECT_THAT(meter_.Add({0, 0, 0, 0, -4}), IsOk());
}

TEST_F(NormMeterTest, RefusesTooManyAndTooFewValues) {
  EXPECT_THAT(meter_.Add({0, 0, 0, 0, 0, 0}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("wrong-length")));
  ASSERT_THAT(meter_.Add({0, 0, 0, 0}), IsOk());
  EXPECT_THAT(meter_.Finish(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("4, expected 5")));
}

TEST_F(NormMeterTest, TheLargestFloatsDoNotOverflow) {
  const float largest = std::numeric_limits<float>::max();
  ASSERT_THAT(meter_.Add({largest, largest, largest, largest}), IsOk());
  EXPECT_DOUBLE_EQ(meter_.delta_norm(), 2.0 * largest);
}

}  // namespace
}  // namespace consort
