#include "node/trainer/descriptors/spectral_shape.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "node/trainer/descriptors/short_time_spectrum.h"
#include "tests/node/trainer/support/sound_files.h"

namespace consort::trainer {
namespace {

using ::consort::trainer::testing::Noise;
using ::consort::trainer::testing::Sine;

// The power of the frame centred on `centre`.
std::vector<float> PowerAt(const std::vector<float>& sound, int64_t centre) {
  ShortTimeSpectrum spectrum = ShortTimeSpectrum::Create(SpectrumSizes()).value();
  std::vector<float> frame(2048);
  CutFrame(sound, centre - 1024, absl::MakeSpan(frame));
  const absl::Span<const float> power = spectrum.Power(frame);
  return {power.begin(), power.end()};
}

constexpr double kBinHz = 44100.0 / 2048;

TEST(SpectralShapeTest, FlatSpectrumHasItsMiddleInTheMiddleAndIsFlat) {
  const std::vector<float> power(1025, 0.25f);
  EXPECT_NEAR(SpectralCentroidHz(power, kBinHz), 22050 / 2, 0.01);  // the mean of bins 1 to 1023 is 512
  EXPECT_NEAR(SpectralFlatnessDb(power), 0, 1e-5);
}

TEST(SpectralShapeTest, TwoBinsAreWeighedByMagnitude) {
  std::vector<float> power(9);
  power[2] = 9;
  power[6] = 1;
  EXPECT_FLOAT_EQ(SpectralCentroidHz(power, 10), (3 * 20 + 1 * 60) / 4.0f);
}

TEST(SpectralShapeTest, SineHasItsCentroidAtItsFrequency) {
  for (const double hertz : {220.0, 1000.0, 5000.0}) {
    const std::vector<float> power = PowerAt(Sine(hertz, 0.5, 44100), 11025);
    EXPECT_NEAR(SpectralCentroidHz(power, kBinHz), hertz, 0.02 * hertz + 3) << hertz;
    EXPECT_LT(SpectralFlatnessDb(power), -60) << hertz;
  }
}

TEST(SpectralShapeTest, WhiteNoiseIsAsFlatAsTheoryAllows) {
  // |X|^2 of white noise is exponentially distributed, whose mean logarithm is -0.5772 (Euler's constant):
  // flatness exp(-0.5772), -2.507 dB. 20 frames of 1023 bins: the standard error is below 0.05 dB.
  const std::vector<float> sound = Noise(8, 21 * 2048, 0.5f);
  double sum = 0;
  for (int i = 0; i < 20; ++i) sum += SpectralFlatnessDb(PowerAt(sound, 2048 * (i + 1)));
  EXPECT_NEAR(sum / 20, -10 * std::numbers::egamma / std::log(10.0), 0.2);
}

TEST(SpectralShapeTest, EqualThePlainNumpyComputation) {
  // tests/reference/descriptors.py
  const std::vector<float> power = PowerAt(Noise(1, 4096, 0.5f), 3 * 512);
  EXPECT_NEAR(SpectralCentroidHz(power, kBinHz), 11124.4561, 0.05);
  EXPECT_NEAR(SpectralFlatnessDb(power), -2.28632, 1e-3);
}

TEST(SpectralShapeTest, GainDoesNotMatter) {
  std::vector<float> power = PowerAt(Noise(2, 4096, 0.5f), 2048);
  const float centroid = SpectralCentroidHz(power, kBinHz), flatness = SpectralFlatnessDb(power);
  for (float& value : power) value *= 1e-6f;  // -60 dB
  EXPECT_NEAR(SpectralCentroidHz(power, kBinHz), centroid, 0.05);
  EXPECT_NEAR(SpectralFlatnessDb(power), flatness, 1e-3);
}

TEST(SpectralShapeTest, SilenceHasNoShape) {
  const std::vector<float> power(1025);
  EXPECT_TRUE(std::isnan(SpectralCentroidHz(power, kBinHz)));
  EXPECT_TRUE(std::isnan(SpectralFlatnessDb(power)));
}

}  // namespace
}  // namespace consort::trainer
