#include "node/trainer/descriptors/pitch_tracker.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "node/trainer/descriptors/audio_check.h"

namespace consort::trainer {
namespace {

constexpr double kDipThreshold = 0.1;  // the paper's table I
constexpr double kVoicedBelow = 0.2;
constexpr double kQuietestMeanSquare = 1e-7;  // -70 dB
constexpr double kLeastPeriods = 2.5;
constexpr int kLeastSamplesInPeriod = 4;  // below, a parabola says nothing of the period

// The dip to trust: the bottom of the first one below the threshold, else the deepest of all.
int PeriodLag(const std::vector<double>& normalised, int shortest, int longest) {
  for (int lag = shortest; lag <= longest; ++lag) {
    if (normalised[lag] >= kDipThreshold) continue;
    while (lag < longest && normalised[lag + 1] < normalised[lag]) ++lag;
    return lag;
  }
  const auto begin = normalised.begin();
  return static_cast<int>(std::min_element(begin + shortest, begin + longest + 1) - begin);
}

// Where the parabola through three neighbours has its bottom, relative to the middle one, within half a step.
double BottomOffset(double left, double middle, double right) {
  const double curvature = left - 2 * middle + right;
  return curvature > 0 ? std::clamp((left - right) / (2 * curvature), -0.5, 0.5) : 0;
}

}  // namespace

absl::StatusOr<PitchTracker> PitchTracker::Create(int sample_rate_hz, int frame) {
  RETURN_IF_ERROR(CheckRate(sample_rate_hz));
  ASSIGN_OR_RETURN(RealFourier fourier, RealFourier::Create(frame));
  const int longest_lag = static_cast<int>(std::ceil(sample_rate_hz / kLowestPitchHz));
  if (frame < kLeastPeriods * longest_lag) {
    return absl::InvalidArgumentError(absl::StrCat("frames are too short for the lowest pitch: ", frame,
                                                   " samples, expected at least ",
                                                   kLeastPeriods * longest_lag));
  }
  return PitchTracker(sample_rate_hz, longest_lag, std::move(fourier));
}

PitchTracker::PitchTracker(int sample_rate_hz, int longest_lag, RealFourier fourier)
    : sample_rate_hz_(sample_rate_hz),
      shortest_lag_(std::max(kLeastSamplesInPeriod, static_cast<int>(sample_rate_hz / kHighestPitchHz))),
      longest_lag_(longest_lag),
      window_(fourier.size() - longest_lag - 1),
      fourier_(std::move(fourier)),
      centred_(fourier_.size()),
      head_(fourier_.size()),
      correlation_(fourier_.size()),
      spectrum_(fourier_.bins()),
      head_spectrum_(fourier_.bins()),
      difference_(longest_lag + 2),
      normalised_(longest_lag + 2) {}

// d(lag) = sum over j < window of (x[j] - x[j + lag])^2 = e(0) + e(lag) - 2 r(lag): two energies, and a
// correlation by the transform, in which nothing wraps because window + longest lag + 1 is the frame.
void PitchTracker::ComputeDifference(absl::Span<const float> audio) {
  double mean = 0;
  for (const float sample : audio) mean += sample;
  mean /= static_cast<double>(audio.size());
  mean_square_ = 0;
  for (size_t i = 0; i < audio.size(); ++i) {
    centred_[i] = audio[i] - static_cast<float>(mean);
    mean_square_ += static_cast<double>(centred_[i]) * centred_[i];
  }
  mean_square_ /= static_cast<double>(audio.size());
  if (mean_square_ < kQuietestMeanSquare) return;

  std::copy(centred_.begin(), centred_.begin() + window_, head_.begin());  // the rest stays 0
  fourier_.Forward(centred_, absl::MakeSpan(spectrum_));
  fourier_.Forward(head_, absl::MakeSpan(head_spectrum_));
  for (size_t k = 0; k < spectrum_.size(); ++k) {
    const float a = spectrum_[k].real(), b = spectrum_[k].imag();
    const float c = head_spectrum_[k].real(), d = head_spectrum_[k].imag();
    spectrum_[k] = {a * c + b * d, b * c - a * d};
  }
  fourier_.Inverse(spectrum_, absl::MakeSpan(correlation_));

  double first_energy = 0;
  for (int j = 0; j < window_; ++j) first_energy += static_cast<double>(centred_[j]) * centred_[j];
  double energy = first_energy, sum = 0;
  difference_[0] = 0;
  normalised_[0] = 1;
  for (int lag = 1; lag <= longest_lag_ + 1; ++lag) {
    const double out = centred_[lag - 1], in = centred_[lag - 1 + window_];
    energy += in * in - out * out;
    difference_[lag] = std::max(0.0, first_energy + energy - 2 * static_cast<double>(correlation_[lag]));
    sum += difference_[lag];
    normalised_[lag] = sum > 0 ? difference_[lag] * lag / sum : 1;
  }
}

Pitch PitchTracker::Estimate(absl::Span<const float> audio) {
  ComputeDifference(audio);
  if (mean_square_ < kQuietestMeanSquare) return {};
  const int lag = PeriodLag(normalised_, shortest_lag_, longest_lag_);
  const double period = lag + BottomOffset(difference_[lag - 1], difference_[lag], difference_[lag + 1]);
  const double aperiodicity = normalised_[lag];
  return {sample_rate_hz_ / period, aperiodicity, aperiodicity < kVoicedBelow};
}

}  // namespace consort::trainer
