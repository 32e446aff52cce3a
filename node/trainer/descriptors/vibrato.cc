#include "node/trainer/descriptors/vibrato.h"

#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

namespace consort::trainer {
namespace {

constexpr double kSearchedFromHz = 3;
constexpr double kSearchedToHz = 10;
constexpr double kSearchStepHz = 0.1;
constexpr double kLeastShare = 0.5;

// The values less their least-squares line.
std::vector<double> WithoutLine(absl::Span<const float> values) {
  const auto count = static_cast<double>(values.size());
  const double middle = (count - 1) / 2;
  double mean = 0, slope = 0, square = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const double x = static_cast<double>(i) - middle;
    mean += values[i] / count;
    slope += x * values[i];
    square += x * x;
  }
  slope /= square;
  std::vector<double> rest;
  for (size_t i = 0; i < values.size(); ++i) {
    rest.push_back(values[i] - mean - slope * (static_cast<double>(i) - middle));
  }
  return rest;
}

}  // namespace

std::optional<Vibrato> FindVibrato(absl::Span<const float> cents, double frames_per_second) {
  const size_t count = cents.size();
  if (count < 3) return std::nullopt;
  std::vector<double> rest = WithoutLine(cents);
  double variance = 0, weights = 0;
  for (size_t i = 0; i < count; ++i) {
    // Periodic and shifted by half a frame: no end has weight 0.
    const double weight = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * (static_cast<double>(i) + 0.5) /
                                               static_cast<double>(count));
    variance += weight * rest[i] * rest[i];
    weights += weight;
    rest[i] *= weight;
  }
  variance /= weights;
  Vibrato strongest;
  for (double rate = kSearchedFromHz; rate < kSearchedToHz + kSearchStepHz / 2; rate += kSearchStepHz) {
    const double angle = -2 * std::numbers::pi * rate / frames_per_second;
    const std::complex<double> turn = std::polar(1.0, angle);
    std::complex<double> phase = 1, sum = 0;
    for (const double value : rest) {
      sum += value * phase;
      phase *= turn;
    }
    const double amplitude = 2 * std::abs(sum) / weights;
    if (amplitude > strongest.extent_cents) strongest = {rate, amplitude};
  }
  const double explained = strongest.extent_cents * strongest.extent_cents / 2;
  if (strongest.rate_hz < kSlowestVibratoHz - kSearchStepHz / 2 ||
      strongest.rate_hz > kFastestVibratoHz + kSearchStepHz / 2 || explained < kLeastShare * variance ||
      strongest.extent_cents < kLeastVibratoCents) {
    return std::nullopt;
  }
  return strongest;
}

}  // namespace consort::trainer
