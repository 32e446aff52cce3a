#include "node/trainer/descriptors/vibrato.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "tests/node/trainer/support/sound_files.h"

namespace consort::trainer {
namespace {

using ::consort::trainer::testing::Noise;

// 0.8 s of pitch at 100 frames a second: a sine of `rate` and `extent` on a line.
std::vector<float> Wavering(double rate, double extent, double drift_cents_per_second = 0) {
  std::vector<float> cents;
  for (int i = 0; i < 80; ++i) {
    const double t = i / 100.0;
    cents.push_back(static_cast<float>(6900 + drift_cents_per_second * t +
                                       extent * std::sin(2 * std::numbers::pi * rate * t + 1)));
  }
  return cents;
}

TEST(VibratoTest, RateAndExtentAreThoseOfTheSine) {
  for (const double rate : {4.5, 5.5, 6.5, 7.5}) {
    const auto vibrato = FindVibrato(Wavering(rate, 30), 100);
    ASSERT_TRUE(vibrato.has_value()) << rate;
    EXPECT_NEAR(vibrato->rate_hz, rate, 0.25) << rate;
    EXPECT_NEAR(vibrato->extent_cents, 30, 3) << rate;
  }
}

TEST(VibratoTest, AGlideUnderneathDoesNotHideIt) {
  const auto vibrato = FindVibrato(Wavering(6, 20, 100), 100);
  ASSERT_TRUE(vibrato.has_value());
  EXPECT_NEAR(vibrato->rate_hz, 6, 0.25);
  EXPECT_NEAR(vibrato->extent_cents, 20, 2);
}

TEST(VibratoTest, StraightTonesGlidesAndOtherRatesAreNone) {
  EXPECT_FALSE(FindVibrato(Wavering(6, 0), 100).has_value());
  EXPECT_FALSE(FindVibrato(Wavering(6, 0, 300), 100).has_value());
  EXPECT_FALSE(FindVibrato(Wavering(6, 3), 100).has_value());     // narrower than 5 cents
  EXPECT_FALSE(FindVibrato(Wavering(2, 40), 100).has_value());    // slower
  EXPECT_FALSE(FindVibrato(Wavering(9.5, 40), 100).has_value());  // faster: a trill or flutter
}

TEST(VibratoTest, NoiseIsSeldomVibrato) {
  // What an irregular pitch looks like: half of its variance would have to lie at one rate.
  int found = 0;
  for (uint32_t seed = 1; seed <= 100; ++seed) found += FindVibrato(Noise(seed, 80, 20), 100).has_value();
  EXPECT_EQ(found, 0);
}

TEST(VibratoTest, TooFewFramesAreNone) { EXPECT_FALSE(FindVibrato({1, 2}, 100).has_value()); }

}  // namespace
}  // namespace consort::trainer
