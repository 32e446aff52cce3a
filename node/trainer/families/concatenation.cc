#include "node/trainer/families/concatenation.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "common/status/macros.h"

namespace consort::trainer {
namespace {

constexpr double kSilentPower = 1e-10;  // -100 dB: such a unit is left out

double PowerOf(absl::Span<const float> audio) {
  double sum = 0;
  for (const float sample : audio) sum += static_cast<double>(sample) * sample;
  return audio.empty() ? 0 : sum / static_cast<double>(audio.size());
}

}  // namespace

absl::StatusOr<std::vector<float>> YardstickReconstruction(const UnitLibrary& library,
                                                           absl::Span<const float> target,
                                                           std::optional<size_t> own) {
  const UnitSettings& settings = library.settings();
  ASSIGN_OR_RETURN(const UnitFeatures wanted, MeasureUnits(target, settings, settings.frames_per_unit / 2));
  ASSIGN_OR_RETURN(const std::vector<UnitLibrary::Match> matches, library.Nearest(wanted, own));
  const int64_t unit = settings.unit_samples(), hop = settings.hop_samples();
  std::vector<float> output(matches.size() * hop + unit);
  for (size_t u = 0; u < matches.size(); ++u) {
    const int64_t start = static_cast<int64_t>(u) * hop;
    const double power = PowerOf(target.subspan(start, unit));
    if (power < kSilentPower) continue;
    const absl::Span<const float> piece =
        library.recording(matches[u].recording).subspan(matches[u].begin, unit);
    const double by_power = std::sqrt(power / std::max(PowerOf(piece), kSilentPower));
    const double by_level = std::exp((wanted.Level(static_cast<int64_t>(u)) - matches[u].level) / 2);
    const double gain = std::min(kLargestGain, std::sqrt(by_power * by_level));
    for (int64_t i = 0; i < unit; ++i) {
      // Hann windows half a unit apart add up to 1. Before the first hop there is nothing to fade from.
      const double phase = std::numbers::pi * (static_cast<double>(i) + 0.5) / static_cast<double>(unit);
      const double fade = u == 0 && i < hop ? 1 : std::sin(phase) * std::sin(phase);
      output[start + i] += static_cast<float>(fade * gain) * piece[i];
    }
  }
  output.resize(target.size());
  return output;
}

}  // namespace consort::trainer
