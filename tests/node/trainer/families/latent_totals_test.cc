#include "node/trainer/families/latent_totals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "common/architectures/latent_tensors.h"
#include "node/trainer/models/tensor_file.h"
#include "tests/support/status_matchers.h"

namespace consort::trainer {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::StartsWith;

LatentSums SumsOf(int64_t latent_size, const std::vector<float>& latents) {
  LatentSums sums(latent_size);
  EXPECT_THAT(sums.Add(latents), IsOk());
  return sums;
}

std::string FileOf(int64_t latent_size, const std::vector<float>& values) {
  return WriteTensors(LatentTotals::Tensors(latent_size), values, {}).value();
}

TEST(LatentTotalsTest, DigitsAreThoseWorkedByHand) {
  LatentTotals totals(2);
  // Frames (1, -3) and (2, 4). Sums 3 and 1; products 5, 5, 5, 25. A unit is 8192 steps, a digit 32768.
  ASSERT_THAT(totals.Add(SumsOf(2, {1, 2, -3, 4})), IsOk());
  EXPECT_THAT(totals.Values(), ElementsAre(0, 0, 2,                   // two frames
                                           0, 0, 0, 0,                // sums: 24576
                                           24576, 8192,               // and 8192 steps
                                           0, 0, 0, 0, 1, 1, 1, 6,    // products: 40960 = 32768 + 8192 and
                                           8192, 8192, 8192, 8192));  // 204800 = 6 * 32768 + 8192 steps
  EXPECT_THAT(totals.Sums(), ElementsAre(2, 3, 1, 5, 5, 5, 25));
}

TEST(LatentTotalsTest, OnlyTheFirstDigitIsNegative) {
  LatentTotals totals(1);
  ASSERT_THAT(totals.Add(SumsOf(1, {-1})), IsOk());
  // -8192 = (-1 * 32768 + 32767) * 32768 + 24576.
  EXPECT_THAT(totals.Values(), ElementsAre(0, 0, 1, -1, 32767, 24576, 0, 0, 8192));
  EXPECT_THAT(totals.Sums(), ElementsAre(1, -1, 1));
}

TEST(LatentTotalsTest, DigitsAddedUpAreTheSumsOfAll) {
  LatentTotals first(2), second(2), all(2);
  const LatentSums one = SumsOf(2, {0.3f, -1.7f, 2.9f, 0.11f}), other = SumsOf(2, {-5.3f, 0.7f, 0.01f, 31});
  ASSERT_THAT(first.Add(one), IsOk());
  ASSERT_THAT(second.Add(other), IsOk());
  ASSERT_THAT(all.Add(one), IsOk());
  ASSERT_THAT(all.Add(other), IsOk());
  std::vector<float> added = first.Values();
  for (size_t i = 0; i < added.size(); ++i) added[i] += second.Values()[i];
  const auto read = LatentTotals::Read(2, FileOf(2, added)).value();
  ASSERT_TRUE(read.has_value());
  EXPECT_THAT(read->Sums(), ElementsAreArray(all.Sums()));
}

TEST(LatentTotalsTest, FullArchivesFitTheRingAndFloat32) {
  Manifest::Terms terms;
  terms.clip_norm = 1;
  terms.max_weight = 1;
  terms.cohort_bound = kMostLatentArchives;
  ASSERT_THAT(Manifest::Create(LatentTotals::Segments(128), terms), IsOk());
  LatentTotals full(1);
  // 2^16 twice: the squares add up to 2^33, one over; so 2^32 in one frame, the most there may be.
  ASSERT_THAT(full.Add(SumsOf(1, {-65536})), IsOk());
  EXPECT_EQ(full.Values()[6], 32768);  // the bound of a digit
  std::vector<float> sum(9);
  for (uint32_t archive = 0; archive < kMostLatentArchives; ++archive) {
    for (size_t i = 0; i < sum.size(); ++i) sum[i] += full.Values()[i];
  }
  EXPECT_THAT(LatentTotals::Read(1, FileOf(1, sum)).value()->Sums(),
              ElementsAre(511, -511 * 0x1p16, 511 * 0x1p32));
}

TEST(LatentTotalsTest, SumBeyondItsBoundIsNamedAndNothingIsAdded) {
  LatentTotals totals(2);
  ASSERT_THAT(totals.Add(SumsOf(2, {1, 2})), IsOk());
  const std::vector<float> before = totals.Values();
  EXPECT_THAT(totals.Add(SumsOf(2, {1, 70000})),
              StatusIs(absl::StatusCode::kOutOfRange, AllOf(StartsWith("latents-too-large"),
                                                            HasSubstr("statistics/latent/products [1, 1]"))));
  EXPECT_EQ(totals.Values(), before);
}

TEST(LatentTotalsTest, ModelFileWithoutThemHasNone) {
  EXPECT_EQ(LatentTotals::Read(2, WriteTensors({{"weight", {1}}}, {1.0f}, {}).value()).value(), std::nullopt);
}

TEST(LatentTotalsTest, DamagedTensorsAreRefused) {
  const auto refused = [](const std::string& file) {
    return ::testing::Value(LatentTotals::Read(1, file).status(),
                            StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("artifact-damaged")));
  };
  const std::vector<float> good(9, 1);
  ASSERT_THAT(LatentTotals::Read(1, FileOf(1, good)), IsOk());
  EXPECT_TRUE(refused("no model"));
  EXPECT_TRUE(refused(FileOf(2, std::vector<float>(21))));                                 // of another model
  EXPECT_TRUE(refused(WriteTensors({{kLatentCountTensor, {3}}}, {1, 1, 1}, {}).value()));  // one of three
  for (const float bad : {0.5f, std::nanf(""), INFINITY, 0x1p25f}) {
    std::vector<float> values = good;
    values[4] = bad;
    EXPECT_TRUE(refused(FileOf(1, values))) << bad;
  }
}

}  // namespace
}  // namespace consort::trainer
