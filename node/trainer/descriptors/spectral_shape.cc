#include "node/trainer/descriptors/spectral_shape.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace consort::trainer {
namespace {

constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
constexpr float kNoPower = 1e-20f;  // far below the rounding of 24-bit recordings

// The sum of ln(values): a logarithm for the product of several, since logarithms are slow.
double SumOfLogarithms(absl::Span<const float> values, double least) {
  constexpr size_t kTogether = 8;
  double sum = 0;
  for (size_t begin = 0; begin < values.size(); begin += kTogether) {
    double product = 1;  // of eight floats no smaller than 1e-38: within a double's range
    for (const float value : values.subspan(begin, kTogether)) product *= std::max<double>(value, least);
    sum += std::log(product);
  }
  return sum;
}

}  // namespace

float SpectralCentroidHz(absl::Span<const float> power, double bin_hz) {
  float magnitudes = 0, moments = 0;
  for (size_t k = 1; k + 1 < power.size(); ++k) {
    const float magnitude = std::sqrt(power[k]);
    magnitudes += magnitude;
    moments += magnitude * static_cast<float>(k);
  }
  if (magnitudes * magnitudes < kNoPower) return kNone;
  return static_cast<float>(bin_hz * (moments / magnitudes));
}

float SpectralFlatnessDb(absl::Span<const float> power) {
  const absl::Span<const float> inner = power.subspan(1, power.size() - 2);
  double sum = 0;
  for (const float value : inner) sum += value;
  if (sum < kNoPower) return kNone;
  const double mean = sum / static_cast<double>(inner.size());
  // Bins of exactly 0 would make every tone alike; relative to the mean, so that the level does not count.
  const double least = mean * std::pow(10, kLeastFlatnessDb / 10);
  const double geometric = SumOfLogarithms(inner, least) / static_cast<double>(inner.size());
  return std::max(kLeastFlatnessDb, static_cast<float>(10 / std::log(10.0) * (geometric - std::log(mean))));
}

}  // namespace consort::trainer
