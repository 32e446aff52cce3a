#include <cmath>
#include <limits>
#include <vector>

#include "common/update/ring_codec.h"
#include "gmock/gmock.h"
#include "rapidcheck.h"
#include "rapidcheck/gtest.h"
#include "tests/common/update/example_manifest.h"
#include "tests/support/status_matchers.h"

namespace consort {
namespace {

using ::consort::testing::DeltaManifest;
using ::consort::testing::ExampleManifest;
using ::consort::testing::IsOk;
using ::consort::testing::IsOkAndHolds;
using ::consort::testing::StatusIs;
using ::testing::_;
using ::testing::ElementsAre;

uint32_t Ring(int32_t value) { return static_cast<uint32_t>(value); }

TEST(RingEncoderTest, EncodesTheExampleOfTheFormat) {
  const Manifest manifest = ExampleManifest();
  RingEncoder encoder = RingEncoder::Create(manifest, /*weight=*/10, /*delta_norm=*/1.32, /*seed=*/0).value();
  std::vector<uint32_t> ring(5);
  ASSERT_THAT(encoder.Encode({1, 0.5, -0.5, 0.5, 1.5}, absl::MakeSpan(ring)), IsOk());
  // By hand, 5 steps a unit, u = 0, 0.8833, 0.4315, 0.0264: floor(5), floor(3.38), floor(-2.07),
  // floor(2.53); 1.5 / 0.5.
  EXPECT_THAT(ring, ElementsAre(5u, 3u, Ring(-3), 2u, 3u));
  EXPECT_THAT(encoder.Weight(), IsOkAndHolds(10u));
  EXPECT_FALSE(encoder.clipped());
}

TEST(RingEncoderTest, ScalesDownWhatIsAboveTheClipNorm) {
  const Manifest manifest = ExampleManifest();
  RingEncoder encoder = RingEncoder::Create(manifest, 10, /*delta_norm=*/8, 0).value();
  std::vector<uint32_t> ring(5);
  ASSERT_THAT(encoder.Encode({8, 0, 0, 0, -4}, absl::MakeSpan(ring)), IsOk());
  // By hand: 8 x (2 / 8) x 5 = 10 steps; the statistic is never clipped.
  EXPECT_THAT(ring, ElementsAre(10u, 0u, 0u, 0u, Ring(-8)));
  EXPECT_TRUE(encoder.clipped());
}

TEST(RingEncoderTest, WeighsTheDeltasBeforeRounding) {
  const Manifest manifest = ExampleManifest();
  RingEncoder encoder = RingEncoder::Create(manifest, /*weight=*/2, /*delta_norm=*/2, 0).value();
  std::vector<uint32_t> ring(5);
  ASSERT_THAT(encoder.Encode({2, 0, 0, 0, 1}, absl::MakeSpan(ring)), IsOk());
  // By hand: 2 x 5 x 2/10 = 2 steps; the statistic is not weighted.
  EXPECT_THAT(ring, ElementsAre(2u, 0u, 0u, 0u, 2u));
}

TEST(RingEncoderTest, RefusesWeightsAndNormsThatCannotBe) {
  const Manifest manifest = ExampleManifest();
  EXPECT_THAT(RingEncoder::Create(manifest, 0, 1, 0), StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(RingEncoder::Create(manifest, 11, 1, 0), StatusIs(absl::StatusCode::kInvalidArgument, _));
  for (const double norm : {-1.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    EXPECT_THAT(RingEncoder::Create(manifest, 1, norm, 0), StatusIs(absl::StatusCode::kInvalidArgument, _));
  }
}

TEST(RingEncoderTest, RefusesValuesPastTheEndAndStaysAsItWas) {
  const Manifest manifest = ExampleManifest();
  RingEncoder encoder = RingEncoder::Create(manifest, 10, 1, 0).value();
  std::vector<uint32_t> ring(6);
  EXPECT_THAT(encoder.Encode({1, 0, 0, 0, 0, 0}, absl::MakeSpan(ring)),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(encoder.Encode({1, 0}, absl::MakeSpan(ring)), StatusIs(absl::StatusCode::kInvalidArgument, _));
  ring.resize(5);
  ASSERT_THAT(encoder.Encode({1, 0, 0, 0, 0}, absl::MakeSpan(ring)), IsOk());
  EXPECT_EQ(ring[0], 5u);
}

TEST(RingEncoderTest, GoesOnBehindSkippedValuesAsIfItHadEncodedThem) {
  const Manifest manifest = ExampleManifest();
  std::vector<uint32_t> whole(5);
  RingEncoder encoder = RingEncoder::Create(manifest, 10, 1, 7).value();
  ASSERT_THAT(encoder.Encode({0.3f, 0.1f, 0.2f, 0, 0}, absl::MakeSpan(whole)), IsOk());

  std::vector<uint32_t> rest(3);
  RingEncoder resumed = RingEncoder::Create(manifest, 10, 1, 7).value();
  ASSERT_THAT(resumed.Skip(2), IsOk());
  EXPECT_THAT(resumed.Skip(4), StatusIs(absl::StatusCode::kInvalidArgument, _));
  ASSERT_THAT(resumed.Encode({0.2f, 0, 0}, absl::MakeSpan(rest)), IsOk());
  EXPECT_THAT(rest, ::testing::ElementsAreArray(whole.begin() + 2, whole.end()));
}

TEST(RingEncoderTest, GivesTheWeightOnlyAfterAllValues) {
  const Manifest manifest = ExampleManifest();
  const RingEncoder encoder = RingEncoder::Create(manifest, 10, 1, 0).value();
  EXPECT_THAT(encoder.Weight(), StatusIs(absl::StatusCode::kFailedPrecondition, _));
}

TEST(RingEncoderTest, AValueAtTheClipNormIsExactlyTheLimit) {
  for (const uint32_t cohort : {1u, 2u, 7u, 1000u}) {
    const Manifest manifest = DeltaManifest(1, /*clip_norm=*/0.1, /*max_weight=*/1, cohort);
    for (uint64_t seed = 0; seed < 200; ++seed) {
      RingEncoder encoder = RingEncoder::Create(manifest, 1, 0.1, seed).value();
      std::vector<uint32_t> ring(1);
      ASSERT_THAT(encoder.Encode({0.1f}, absl::MakeSpan(ring)), IsOk());
      // float 0.1 lies just above 0.1: rounded up it would pass the limit and n of them would overflow.
      EXPECT_LE(static_cast<int64_t>(ring[0]), manifest.delta_limit());
      EXPECT_GE(static_cast<int64_t>(ring[0]), manifest.delta_limit() - 1);
    }
  }
}

RC_GTEST_PROP(RingEncoderTest, TheBytesDoNotDependOnWhereTheBlocksAreCut, (uint64_t seed)) {
  const int64_t size = *rc::gen::inRange<int64_t>(1, 300);
  const Manifest manifest = DeltaManifest(size, 4, 100, 16);
  const auto values = *rc::gen::container<std::vector<float>>(
      size, rc::gen::map(rc::gen::inRange(-1000, 1000), [](int v) { return static_cast<float>(v) / 1000; }));
  std::vector<uint32_t> whole(size);
  RingEncoder once = RingEncoder::Create(manifest, 33, 5, seed).value();
  RC_ASSERT(once.Encode(values, absl::MakeSpan(whole)).ok());
  std::vector<uint32_t> parts(size);
  RingEncoder cut = RingEncoder::Create(manifest, 33, 5, seed).value();
  for (int64_t begin = 0; begin < size;) {
    const int64_t count = *rc::gen::inRange<int64_t>(1, size - begin + 1);
    RC_ASSERT(cut.Encode(absl::MakeConstSpan(values).subspan(begin, count),
                         absl::MakeSpan(parts).subspan(begin, count))
                  .ok());
    begin += count;
  }
  RC_ASSERT(parts == whole);
}

}  // namespace
}  // namespace consort
