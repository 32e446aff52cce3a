#include "common/update/ring_kernels.h"

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "common/update/rounding_key.h"
#include "gmock/gmock.h"

namespace consort {
namespace {

using ::testing::ElementsAre;

TEST(RoundingBitsTest, AreThePublishedOutputsOfSplitmix64ForSeedZero) {
  EXPECT_EQ(RoundingBits(0, 1), 0xE220A8397B1DCDAFu);
  EXPECT_EQ(RoundingBits(0, 2), 0x6E789E6AA1B965F4u);
  EXPECT_EQ(RoundingBits(0, 3), 0x06C45D188009454Fu);
}

TEST(RoundingKeyTest, IsTheStartOfTheDigest) {
  std::string job_digest;
  for (int i = 0; i < 32; ++i) job_digest += "ab";
  // hashlib.sha256 over the text of docs/formats/update.md, first 8 bytes little-endian.
  EXPECT_EQ(RoundingKey(job_digest, 3, "archive-uk-1"), 0xFFE41F2252F727F0u);
}

TEST(EncodeDeltasTest, RoundsByTheFractionAndTheDraw) {
  // u at positions 0 to 3 under key 0: 0, 0.8833, 0.4315, 0.0264.
  const std::vector<float> values = {0.5f, 0.5f, -0.5f, 0.5f};
  std::vector<uint32_t> ring(4);
  EncodeDeltas(values, /*factor=*/5, /*limit=*/10, /*key=*/0, /*position=*/0, ring.data());
  // By hand: floor(2.5), floor(3.38), floor(-2.07), floor(2.53).
  EXPECT_THAT(ring, ElementsAre(2u, 3u, static_cast<uint32_t>(-3), 2u));
}

TEST(EncodeDeltasTest, NeverPassesTheLimitAndIsDefinedForAnything) {
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> values = {
      1e30f, -1e30f, infinity, -infinity, 1.0000001f, -1.0000001f, std::numeric_limits<float>::quiet_NaN()};
  const int64_t limit = std::numeric_limits<int32_t>::max();
  for (int64_t position = 0; position < 100; ++position) {
    std::vector<uint32_t> ring(values.size());
    EncodeDeltas(values, static_cast<double>(limit), limit, 7, position, ring.data());
    for (const uint32_t value : ring)
      EXPECT_LE(std::abs(static_cast<double>(static_cast<int32_t>(value))), limit);
  }
}

TEST(EncodeDeltasTest, IsUnbiased) {
  // A mean of 1e6 draws of a variable in {0, 1} with mean 0.3 is off by more than 5 sd (0.0023) once in 2
  // million.
  const std::vector<float> values(1'000'000, 0.3f);
  std::vector<uint32_t> ring(values.size());
  EncodeDeltas(values, 1, 10, /*key=*/12345, 0, ring.data());
  double sum = 0;
  for (const uint32_t value : ring) sum += value;
  EXPECT_NEAR(sum / values.size(), 0.3, 0.0023);
}

// One value at a time, as the format says it: what every clone of the loop must give.
TEST(EncodeDeltasTest, GivesTheBitsOfThePlainReference) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal(0, 1);
  std::vector<float> values(10'007);
  for (float& value : values) value = normal(random);
  std::vector<uint32_t> ring(values.size());
  EncodeDeltas(values, 123456.789, 1 << 30, 99, 55, ring.data());
  for (size_t i = 0; i < values.size(); ++i) {
    const double u = std::ldexp(static_cast<double>(RoundingBits(99, 55 + i) >> 40), -24);
    const volatile double product = values[i] * 123456.789;  // no fused multiply-add here either
    ASSERT_EQ(static_cast<int32_t>(ring[i]), static_cast<int32_t>(std::floor(product + u))) << i;
  }
}

TEST(SquareLanesTest, AddsSquaresOfFloatsAndOfRingIntegers) {
  SquareLanes floats;
  floats.Add(std::vector<float>{3, -4}, 0);
  EXPECT_EQ(floats.Sum(), 25);
  SquareLanes ring;
  ring.Add(std::vector<uint32_t>{5u, 0xFFFFFFFFu}, 0);  // 0xFFFFFFFF is -1
  EXPECT_EQ(ring.Sum(), 26);
}

TEST(SquareLanesTest, GivesTheSameBitsWhereverItIsCut) {
  std::mt19937 random(2);
  std::normal_distribution<float> normal(0, 1);
  std::vector<float> values(1000);
  for (float& value : values) value = normal(random);
  SquareLanes whole;
  whole.Add(values, 0);
  for (size_t cut = 0; cut <= values.size(); ++cut) {
    SquareLanes parts;
    parts.Add(absl::MakeConstSpan(values).first(cut), 0);
    parts.Add(absl::MakeConstSpan(values).subspan(cut), static_cast<int64_t>(cut));
    ASSERT_EQ(parts.Sum(), whole.Sum()) << cut;
  }
}

}  // namespace
}  // namespace consort
