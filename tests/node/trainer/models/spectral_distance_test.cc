#include "node/trainer/models/spectral_distance.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "node/trainer/models/compute_threads.h"
#include "tests/support/status_matchers.h"

namespace consort::trainer {
namespace {

// Noise that any language makes alike: the linear congruential generator of Numerical Recipes.
std::vector<float> Noise(uint32_t seed, size_t samples, float gain) {
  std::vector<float> noise(samples);
  for (float& sample : noise) {
    seed = seed * 1664525u + 1013904223u;
    sample = gain * static_cast<float>(seed / 2147483648.0 - 1);
  }
  return noise;
}

TEST(SpectralDistanceTest, EqualsThePlainNumpyComputation) {
  // Computed in binary64 by numpy.fft.rfft on frames cut by hand from the reflected signal.
  EXPECT_NEAR(SpectralDistance(Noise(1, 8192, 0.5f), Noise(2, 8192, 0.25f)).value(), 7.053536, 1e-4);
  EXPECT_NEAR(SpectralDistance(Noise(2, 8192, 0.25f), Noise(1, 8192, 0.5f)).value(), 14.108526, 1e-4);
}

TEST(SpectralDistanceTest, HalvedSoundIsAsFarAsTheFormulaSays) {
  const std::vector<float> target = Noise(1, 8192, 0.5f);
  std::vector<float> half = target;
  for (float& sample : half) sample /= 2;
  // Each of five scales: (1 - 1/2)^2 + ln 2 (the floor of 1e-7 is far below the magnitudes).
  EXPECT_NEAR(SpectralDistance(target, half).value(), 5 * 0.25 + 5 * std::log(2.0), 1e-4);
}

TEST(SpectralDistanceTest, SoundIsNoDistanceFromItself) {
  const std::vector<float> sound = Noise(3, 4096, 0.5f);
  EXPECT_EQ(SpectralDistance(sound, sound).value(), 0);
}

TEST(SpectralDistanceTest, ShortAndSilentSignalsHaveAFiniteDistance) {
  EXPECT_TRUE(std::isfinite(SpectralDistance(std::vector<float>{0.5f}, std::vector<float>{0.25f}).value()));
  EXPECT_TRUE(std::isfinite(SpectralDistance(std::vector<float>(4096), Noise(1, 4096, 0.1f)).value()));
}

TEST(SpectralDistanceTest, RefusesSignalsOfDifferentLengths) {
  EXPECT_EQ(SpectralDistance(Noise(1, 100, 1), Noise(1, 101, 1)).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(SpectralDistance({}, absl::Span<const float>()).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(SpectralDistanceTest, PaddingDoesNotDiluteTheLogarithmicTerm) {
  // Half of the target is padding. What is heard is halved, so each scale's logarithmic term stays near ln 2.
  at::Tensor target = at::zeros({1, 16384});
  const std::vector<float> noise = Noise(1, 8192, 0.5f);
  std::copy(noise.begin(), noise.end(), target.data_ptr<float>());
  const double distance = SpectralDistance(target, target / 2, /*valid=*/0.5, nullptr);
  // The frames that reach over the edge make it a little more than the unpadded value.
  EXPECT_NEAR(distance, 5 * 0.25 + 5 * std::log(2.0), 0.15);
}

// The formula as it stands in the header, left to automatic differentiation.
at::Tensor PlainDistance(const at::Tensor& target, const at::Tensor& output) {
  at::Tensor distance = at::zeros({});
  for (int64_t window : {2048, 1024, 512, 256, 128}) {
    const auto magnitudes = [window](const at::Tensor& signals) {
      return at::stft(signals, window, window / 4, window, at::hann_window(window), /*center=*/true,
                      "reflect",
                      /*normalized=*/false, /*onesided=*/true, /*return_complex=*/true)
          .abs();
    };
    const at::Tensor x = magnitudes(target), y = magnitudes(output);
    distance = distance + (x - y).pow(2).mean() / x.pow(2).mean() +
               (at::log(x + 1e-7) - at::log(y + 1e-7)).abs().mean();
  }
  return distance;
}

at::Tensor NoiseSignals(uint32_t seed, int64_t signals, int64_t samples) {
  const std::vector<float> noise = Noise(seed, signals * samples, 0.5f);
  return at::tensor(at::ArrayRef<float>(noise)).view({signals, samples});
}

TEST(SpectralDistanceTest, ValueAndGradientEqualAutomaticDifferentiation) {
  // 40,000 is no multiple of a hop, and two such signals are two blocks; 17 of 5000 are one and a part.
  for (const auto& [signals, samples] : {std::pair<int64_t, int64_t>{2, 40000}, {17, 5000}}) {
    const at::Tensor target = NoiseSignals(1, signals, samples);
    const at::Tensor output = NoiseSignals(2, signals, samples).requires_grad_(true);
    const at::Tensor expected = PlainDistance(target, output);
    expected.backward();
    at::Tensor gradient;
    const double distance = SpectralDistance(target, output, /*valid=*/1, &gradient);
    EXPECT_NEAR(distance, expected.item<double>(), 1e-5 * distance);
    EXPECT_LT((gradient - output.grad()).norm().item<double>(), 1e-5 * output.grad().norm().item<double>());
  }
}

TEST(SpectralDistanceTest, ThreadsDoNotChangeTheBits) {
  const at::Tensor target = NoiseSignals(1, 40, 5000), output = NoiseSignals(2, 40, 5000);
  at::Tensor one_thread, two_threads;
  SetComputeThreads(1);
  const double distance = SpectralDistance(target, output, 1, &one_thread);
  SetComputeThreads(2);
  EXPECT_EQ(SpectralDistance(target, output, 1, &two_threads), distance);
  EXPECT_TRUE(at::equal(one_thread, two_threads));
}

TEST(SpectralDistanceTest, SilenceHasNoGradient) {
  at::Tensor gradient;
  SpectralDistance(at::zeros({1, 4096}), at::zeros({1, 4096}), 1, &gradient);
  EXPECT_TRUE(at::equal(gradient, at::zeros({1, 4096})));
}

}  // namespace
}  // namespace consort::trainer
