#include "node/trainer/models/mel_inversion.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "common/random/seeded_random.h"
#include "common/status/macros.h"

namespace consort::trainer {
namespace {

constexpr float kTiny = 1e-20f;

// Hann, periodic, in the middle of the transform, as ShortTimeSpectrum has it.
std::vector<float> HannWindow(const SpectrumSizes& sizes) {
  std::vector<float> window(sizes.transform);
  const int begin = (sizes.transform - sizes.window) / 2;
  for (int i = 0; i < sizes.window; ++i) {
    window[begin + i] = static_cast<float>(0.5 - 0.5 * std::cos(2 * std::numbers::pi * i / sizes.window));
  }
  return window;
}

}  // namespace

absl::StatusOr<MelInversion> MelInversion::Create(int sample_rate_hz, const LogMelSettings& settings) {
  ASSIGN_OR_RETURN(const ShortTimeSpectrum checked, ShortTimeSpectrum::Create(settings.sizes));
  ASSIGN_OR_RETURN(const MelFilters filters,
                   MelFilters::Create(sample_rate_hz, settings.sizes.transform, settings.range));
  ASSIGN_OR_RETURN(RealFourier fourier, RealFourier::Create(settings.sizes.transform));
  std::vector<std::vector<Weight>> weights(fourier.bins());
  std::vector<float> power(fourier.bins()), bands(filters.bands());
  for (int bin = 0; bin < fourier.bins(); ++bin) {
    power[bin] = 1;
    filters.Apply(power, absl::MakeSpan(bands));
    power[bin] = 0;
    for (int band = 0; band < filters.bands(); ++band) {
      if (bands[band] > 0) weights[bin].push_back({band, bands[band]});
    }
  }
  MelInversion inversion(settings, std::move(fourier), std::move(weights));
  inversion.power_scale_ = checked.power_scale();
  return inversion;
}

MelInversion::MelInversion(const LogMelSettings& settings, RealFourier fourier,
                           std::vector<std::vector<Weight>> weights)
    : settings_(settings),
      fourier_(std::move(fourier)),
      weights_(std::move(weights)),
      window_(HannWindow(settings.sizes)),
      samples_(settings.sizes.transform),
      spectrum_(fourier_.bins()) {}

std::vector<float> MelInversion::PowerOf(absl::Span<const float> bands) const {
  std::vector<float> wanted, power(weights_.size(), 1), heard(bands.size());
  for (const float value : bands) {
    wanted.push_back(std::max(0.0f, std::exp(value) - static_cast<float>(settings_.floor)) / power_scale_);
  }
  for (int iteration = 0; iteration < kBandIterations; ++iteration) {
    std::fill(heard.begin(), heard.end(), 0.0f);
    for (size_t bin = 0; bin < weights_.size(); ++bin) {
      for (const Weight& weight : weights_[bin]) heard[weight.band] += weight.value * power[bin];
    }
    for (size_t bin = 0; bin < weights_.size(); ++bin) {
      float wants = 0, has = kTiny;
      for (const Weight& weight : weights_[bin]) {
        wants += weight.value * wanted[weight.band];
        has += weight.value * heard[weight.band];
      }
      power[bin] *= wants / has;
    }
  }
  return power;
}

void MelInversion::Analyse(absl::Span<const float> audio, int64_t frame) {
  CutFrame(audio, frame * settings_.sizes.hop - settings_.sizes.transform / 2, absl::MakeSpan(samples_));
  for (size_t i = 0; i < samples_.size(); ++i) samples_[i] *= window_[i];
  fourier_.Forward(samples_, absl::MakeSpan(spectrum_));
}

// The audio whose spectra come closest to `frames` (Griffin and Lim 1984, equation 6).
std::vector<float> MelInversion::Synthesise(absl::Span<const std::complex<float>> frames) {
  const int64_t hop = settings_.sizes.hop, transform = settings_.sizes.transform;
  const int64_t count = static_cast<int64_t>(frames.size() / spectrum_.size());
  std::vector<float> audio((count - 1) * hop + transform), weight(audio.size());
  for (int64_t frame = 0; frame < count; ++frame) {
    fourier_.Inverse(frames.subspan(frame * spectrum_.size(), spectrum_.size()), absl::MakeSpan(samples_));
    for (int64_t i = 0; i < transform; ++i) {
      audio[frame * hop + i] += window_[i] * samples_[i];
      weight[frame * hop + i] += window_[i] * window_[i];
    }
  }
  constexpr float kLeastWeight = 1e-3f;  // at the ends; less would lift rounding errors
  for (size_t i = 0; i < audio.size(); ++i) audio[i] /= std::max(weight[i], kLeastWeight);
  const auto begin = audio.begin() + transform / 2;  // frame 0 is centred on sample 0
  std::vector<float> heard(begin, begin + std::min<int64_t>(count * hop, audio.end() - begin));
  heard.resize(count * hop);
  return heard;
}

std::vector<float> MelInversion::Audio(absl::Span<const float> log_mel, uint64_t seed) {
  const size_t bands = settings_.range.bands, bins = spectrum_.size();
  const int64_t frames = static_cast<int64_t>(log_mel.size() / bands);
  if (frames == 0) return {};
  SeededRandom random(seed);
  std::vector<float> magnitudes;
  std::vector<std::complex<float>> spectra;
  for (int64_t frame = 0; frame < frames; ++frame) {
    for (const float power : PowerOf(log_mel.subspan(frame * bands, bands))) {
      magnitudes.push_back(std::sqrt(power));
      spectra.push_back(
          std::polar(magnitudes.back(), static_cast<float>(2 * std::numbers::pi * random.Uniform())));
    }
    // The first and the last are real.
    spectra[frame * bins] = magnitudes[frame * bins];
    spectra.back() = magnitudes.back();
  }
  std::vector<float> audio = Synthesise(spectra);
  for (int iteration = 0; iteration < kPhaseIterations; ++iteration) {
    for (int64_t frame = 0; frame < frames; ++frame) {
      Analyse(audio, frame);
      for (size_t bin = 0; bin < bins; ++bin) {
        const float length = std::abs(spectrum_[bin]);
        if (length > kTiny)
          spectra[frame * bins + bin] = spectrum_[bin] * (magnitudes[frame * bins + bin] / length);
      }
    }
    audio = Synthesise(spectra);
  }
  return audio;
}

}  // namespace consort::trainer
