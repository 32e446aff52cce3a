#include "node/trainer/descriptors/fourier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

#include "tests/node/trainer/support/sound_files.h"
#include "tests/support/status_matchers.h"

namespace consort::trainer {
namespace {

using ::consort::testing::StatusIs;
using ::consort::trainer::testing::Noise;

std::complex<double> ByDefinition(const std::vector<float>& samples, int k) {
  std::complex<double> sum = 0;
  const auto size = static_cast<int64_t>(samples.size());
  for (int64_t t = 0; t < size; ++t) {
    const double angle =
        -2 * std::numbers::pi * static_cast<double>(k * t % size) / static_cast<double>(size);
    sum += static_cast<double>(samples[t]) * std::polar(1.0, angle);
  }
  return sum;
}

class FourierTest : public ::testing::TestWithParam<int> {};

TEST_P(FourierTest, ForwardIsTheDefinition) {
  RealFourier fourier = RealFourier::Create(GetParam()).value();
  const std::vector<float> samples = Noise(7, GetParam(), 1);
  std::vector<std::complex<float>> spectrum(fourier.bins());
  fourier.Forward(samples, absl::MakeSpan(spectrum));
  // Rounding grows with the root of the size at most; the values themselves do too.
  const double tolerance = 1e-6 * std::sqrt(GetParam());
  const int stride = GetParam() > 1024 ? 37 : 1;
  for (int k = 0; k < fourier.bins(); k += stride) {
    const std::complex<double> got(spectrum[k].real(), spectrum[k].imag());
    EXPECT_LT(std::abs(got - ByDefinition(samples, k)), tolerance) << k;
  }
}

TEST_P(FourierTest, InverseUndoesForward) {
  RealFourier fourier = RealFourier::Create(GetParam()).value();
  const std::vector<float> samples = Noise(3, GetParam(), 1);
  std::vector<std::complex<float>> spectrum(fourier.bins());
  std::vector<float> again(samples.size());
  fourier.Forward(samples, absl::MakeSpan(spectrum));
  fourier.Inverse(spectrum, absl::MakeSpan(again));
  for (size_t i = 0; i < samples.size(); ++i) EXPECT_NEAR(again[i], samples[i], 2e-6) << i;
}

// Powers of four and their doubles take different last passes.
INSTANTIATE_TEST_SUITE_P(Sizes, FourierTest, ::testing::Values(8, 16, 32, 64, 512, 2048, 4096));

TEST(FourierTest, SizesThatAreNoPowerOfTwoAreRefused) {
  for (const int size : {-8, 0, 4, 12, 1000, 131072}) {
    EXPECT_THAT(RealFourier::Create(size), StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_))
        << size;
  }
}

}  // namespace
}  // namespace consort::trainer
