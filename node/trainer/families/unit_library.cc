#include "node/trainer/families/unit_library.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "common/status/macros.h"
#include "node/trainer/descriptors/log_mel.h"

namespace consort::trainer {
namespace {

constexpr int kLibraryHopFrames = 1;  // units of the library begin so far apart: more of them to choose from
constexpr double kHighestHz = 20000;

// The sum over dimensions that an inner loop of vectors adds up; 8 partial sums keep their order fixed.
float SquaredDistance(const float* a, const float* b, int dimensions) {
  constexpr int kLanes = 8;
  float sums[kLanes] = {};
  int i = 0;
  for (; i + kLanes <= dimensions; i += kLanes) {
    for (int lane = 0; lane < kLanes; ++lane) {
      const float away = a[i + lane] - b[i + lane];
      sums[lane] += away * away;
    }
  }
  for (; i < dimensions; ++i) sums[0] += (a[i] - b[i]) * (a[i] - b[i]);
  float sum = 0;
  for (const float part : sums) sum += part;
  return sum;
}

}  // namespace

absl::StatusOr<UnitFeatures> MeasureUnits(absl::Span<const float> audio, const UnitSettings& settings,
                                          int hop_frames) {
  LogMelSettings mel;
  mel.sizes = {2 * settings.frame_samples, settings.frame_samples, 2 * settings.frame_samples};
  mel.range.bands = settings.bands;
  mel.range.high_hz = std::min(kHighestHz, settings.sample_rate_hz / 2.0);
  ASSIGN_OR_RETURN(const LogMelSpectrogram spectrogram, LogMel(audio, settings.sample_rate_hz, mel));
  // Frame f is centred on f * frame_samples: the first of a unit's hears as much of what is before, and is
  // left out.
  const int values = (settings.frames_per_unit - 1) * settings.bands;
  UnitFeatures features;
  features.dimensions = values + 1;
  features.level_scale = std::sqrt(settings.level_weight * values);
  const float silence = std::log(static_cast<float>(mel.floor));
  for (int64_t first = 0; first < spectrogram.frames; first += hop_frames) {
    const size_t begin = features.values.size();
    const auto from = spectrogram.values.begin() +
                      std::min(first + 1, spectrogram.frames) * static_cast<int64_t>(settings.bands);
    const auto to =
        spectrogram.values.begin() +
        std::min(first + settings.frames_per_unit, spectrogram.frames) * static_cast<int64_t>(settings.bands);
    features.values.insert(features.values.end(), from, to);
    features.values.resize(begin + values, silence);
    const auto unit = absl::MakeSpan(features.values).subspan(begin);
    const double level = std::accumulate(unit.begin(), unit.end(), 0.0) / values;
    for (float& value : unit) value -= static_cast<float>(level);
    features.values.push_back(static_cast<float>(level * features.level_scale));
  }
  return features;
}

absl::StatusOr<size_t> UnitLibrary::Add(std::vector<float> audio) {
  ASSIGN_OR_RETURN(UnitFeatures features, MeasureUnits(audio, settings_, kLibraryHopFrames));
  const auto samples = static_cast<int64_t>(audio.size());
  const int64_t step = int64_t{kLibraryHopFrames} * settings_.frame_samples;
  const int64_t whole =
      samples < settings_.unit_samples() ? 0 : (samples - settings_.unit_samples()) / step + 1;
  features.values.resize(std::min(whole, features.units()) * features.dimensions);
  recordings_.push_back({std::move(audio), std::move(features)});
  return recordings_.size() - 1;
}

absl::StatusOr<std::vector<UnitLibrary::Match>> UnitLibrary::Nearest(const UnitFeatures& wanted,
                                                                     std::optional<size_t> excluded) const {
  constexpr float kFar = std::numeric_limits<float>::infinity();
  std::vector<Match> matches(wanted.units());
  std::vector<float> nearest(wanted.units(), kFar);
  for (size_t number = 0; number < recordings_.size(); ++number) {
    if (number == excluded) continue;
    const UnitFeatures& features = recordings_[number].features;
    // A recording's features stay in the cache while all wanted units look at them.
    for (int64_t unit = 0; unit < features.units(); ++unit) {
      const float* here = features.Unit(unit).data();
      for (int64_t want = 0; want < wanted.units(); ++want) {
        const float distance = SquaredDistance(wanted.Unit(want).data(), here, wanted.dimensions);
        if (distance >= nearest[want]) continue;
        nearest[want] = distance;
        matches[want] = {number, unit * kLibraryHopFrames * settings_.frame_samples, features.Level(unit), 0};
      }
    }
  }
  for (size_t want = 0; want < matches.size(); ++want) {
    if (nearest[want] == kFar) {
      return absl::FailedPreconditionError(
          "no-usable-recording: no other recording is long enough to take units from");
    }
    matches[want].distance = std::sqrt(nearest[want] / static_cast<float>(wanted.dimensions));
  }
  return matches;
}

}  // namespace consort::trainer
