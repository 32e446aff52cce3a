#include "common/architectures/rave_layout.h"

#include <gtest/gtest.h>

namespace consort {
namespace {

// Counts of the published networks, which are weight-normalised: RAVE 2.3.1 as configured by v2.gin and
// v2_small.gin, and v2_small with capacity 16 and 16 latents.
TEST(RaveLayoutTest, TinyHasThePublishedNumberOfParameters) {
  const RaveParameters count = CountParameters(RaveTinyShape());
  EXPECT_EQ(count.encoder.values + count.encoder.gains, 399792);
  EXPECT_EQ(count.decoder.values + count.decoder.gains, 541088);
}

TEST(RaveLayoutTest, V2SmallHasThePublishedNumberOfParameters) {
  const RaveParameters count = CountParameters(RaveV2SmallShape());
  EXPECT_EQ(count.encoder.values + count.encoder.gains, 3945904);
  EXPECT_EQ(count.decoder.values + count.decoder.gains, 3816608);
}

TEST(RaveLayoutTest, V2HasThePublishedNumberOfParameters) {
  const RaveParameters count = CountParameters(RaveV2Shape());
  EXPECT_EQ(count.encoder.values + count.encoder.gains, 16056928);
  EXPECT_EQ(count.decoder.values + count.decoder.gains, 15479072);
}

// By hand for v2, encoder: the stem has 96 outputs; units 3 x 2 x (96 + 192 + 384) + 2 x 2 x 768; downs 192 +
// 384 + 768 + 1536; head 256. Generator: stem 1536; the transposed ones by inputs 1536 + 768 + 384 + 192; the
// same units; wave 32.
TEST(RaveLayoutTest, FoldedValuesAreThePublishedOnesLessTheGains) {
  const RaveParameters count = CountParameters(RaveV2Shape());
  EXPECT_EQ(count.encoder.gains, 96 + 4032 + 3072 + 2880 + 256);
  EXPECT_EQ(count.decoder.gains, 1536 + 2880 + 4032 + 3072 + 32);
  EXPECT_EQ(count.encoder.values, 16056928 - 10336);
  EXPECT_EQ(count.decoder.values, 15479072 - 11552);
}

TEST(RaveLayoutTest, OneLatentFrameStandsForTheProductOfBandsAndRatios) {
  EXPECT_EQ(LayOutRave(RaveTinyShape()).hop, 512);
  EXPECT_EQ(LayOutRave(RaveV2SmallShape()).hop, 512);
  EXPECT_EQ(LayOutRave(RaveV2Shape()).hop, 2048);
}

// Published: 27117 / 26428 and 10604 / 10044, counted on gradients in single precision; the first number
// counts the sample itself. rave_network_test.cc finds the same by gradients.
TEST(RaveLayoutTest, HearsAsFarAsPublished) {
  const ReceptiveField v2 = ReceptiveFieldOf(RaveV2Shape());
  EXPECT_EQ(v2.left, 27117 - 1);
  EXPECT_EQ(v2.right, 26428);
  const ReceptiveField v2_small = ReceptiveFieldOf(RaveV2SmallShape());
  EXPECT_EQ(v2_small.left, 10604);
  EXPECT_EQ(v2_small.right, 10044);
}

}  // namespace
}  // namespace consort
