#include "node/trainer/descriptors/chroma.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace consort::trainer {
namespace {

constexpr double kLowestHertz = 100;  // below, neighbouring notes share a bin
constexpr double kHighestHertz = 5000;
constexpr float kRelativeFloor = 1e-6f;  // -60 dB
constexpr float kNoPower = 1e-12f;       // a maximum below this is rounding, not sound

double SemitonesOf(double hertz) { return 69 + 12 * std::log2(hertz / 440); }

int Wrapped(int value, int length) { return ((value % length) + length) % length; }

// Shares `amount` out between the two of `classes` on either side of `position`.
template <typename Classes>
void Share(Classes& classes, double position, double amount) {
  const auto length = static_cast<int>(classes.size());
  const double below = std::floor(position);
  const double above_share = position - below;
  const int first = Wrapped(static_cast<int>(below), length);
  classes[first] += static_cast<typename Classes::value_type>(amount * (1 - above_share));
  classes[(first + 1) % length] += static_cast<typename Classes::value_type>(amount * above_share);
}

double TotalOf(absl::Span<const SpectralPeak> peaks) {
  double total = 0;
  for (const SpectralPeak& peak : peaks) total += peak.power;
  return total;
}

}  // namespace

void FindPeaks(absl::Span<const float> power, double bin_hz, std::vector<SpectralPeak>& peaks) {
  peaks.clear();
  const auto first = std::max<size_t>(1, static_cast<size_t>(std::ceil(kLowestHertz / bin_hz)));
  const auto last = std::min(power.size() - 1, static_cast<size_t>(kHighestHertz / bin_hz) + 1);
  if (first >= last) return;
  const float strongest = *std::max_element(power.begin() + first, power.begin() + last);
  const float floor = std::max(kNoPower, strongest * kRelativeFloor);
  for (size_t k = first; k < last; ++k) {
    if (power[k] < floor || power[k] <= power[k - 1] || power[k] < power[k + 1]) continue;
    const float least = power[k] * 1e-9f;
    const double left = std::log(std::max(power[k - 1], least)), middle = std::log(power[k]);
    const double right = std::log(std::max(power[k + 1], least));
    const double offset = (left - right) / (2 * (left - 2 * middle + right));
    peaks.push_back({SemitonesOf((static_cast<double>(k) + offset) * bin_hz), power[k]});
  }
}

Chroma ChromaOf(absl::Span<const SpectralPeak> peaks) {
  Chroma chroma = {};
  const double total = TotalOf(peaks);
  for (const SpectralPeak& peak : peaks) Share(chroma, peak.semitones, peak.power / total);
  return chroma;
}

void AddTo(FineChroma& fine, absl::Span<const SpectralPeak> peaks) {
  constexpr double kPerSemitone = static_cast<double>(kFinePitchClasses) / kPitchClasses;
  const double total = TotalOf(peaks);
  for (const SpectralPeak& peak : peaks) Share(fine, peak.semitones * kPerSemitone, peak.power / total);
}

double TuningCents(const FineChroma& fine) {
  constexpr int kPerSemitone = kFinePitchClasses / kPitchClasses;
  double x = 0, y = 0;
  for (int i = 0; i < kFinePitchClasses; ++i) {
    const double angle = 2 * std::numbers::pi * i / kPerSemitone;
    x += fine[i] * std::cos(angle);
    y += fine[i] * std::sin(angle);
  }
  if (x == 0 && y == 0) return 0;
  const double cents = std::atan2(y, x) / (2 * std::numbers::pi) * 100;
  return cents >= 50 ? -50 : cents;
}

Chroma TunedChroma(const FineChroma& fine, double tuning_cents) {
  constexpr double kPerSemitone = static_cast<double>(kFinePitchClasses) / kPitchClasses;
  std::array<double, kPitchClasses> folded = {};
  double total = 0;
  for (int i = 0; i < kFinePitchClasses; ++i) {
    const auto nearest = static_cast<int>(std::lround(i / kPerSemitone - tuning_cents / 100));
    folded[Wrapped(nearest, kPitchClasses)] += fine[i];
    total += fine[i];
  }
  Chroma chroma = {};
  for (int i = 0; total > 0 && i < kPitchClasses; ++i) chroma[i] = static_cast<float>(folded[i] / total);
  return chroma;
}

}  // namespace consort::trainer
