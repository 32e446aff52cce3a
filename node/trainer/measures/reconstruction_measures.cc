#include "node/trainer/measures/reconstruction_measures.h"

#include <cmath>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "node/trainer/descriptors/audio_check.h"
#include "node/trainer/descriptors/describe.h"

namespace consort::trainer {
namespace {

absl::Status CheckPair(absl::Span<const float> original, absl::Span<const float> output) {
  if (original.empty() || original.size() != output.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("sounds to compare must have one length above zero: original has ", original.size(),
                     " samples, output ", output.size()));
  }
  RETURN_IF_ERROR(CheckFinite(original));
  return CheckFinite(output);
}

absl::StatusOr<double> ConvergenceAt(const SpectrumSizes& sizes, absl::Span<const float> original,
                                     absl::Span<const float> output) {
  ASSIGN_OR_RETURN(ShortTimeSpectrum spectrum, ShortTimeSpectrum::Create(sizes));
  std::vector<float> frame(sizes.transform), magnitude(spectrum.bins());
  double difference = 0, energy = 0;
  const int64_t frames = spectrum.FrameCount(static_cast<int64_t>(original.size()));
  for (int64_t i = 0; i < frames; ++i) {
    const int64_t begin = i * sizes.hop - sizes.transform / 2;
    CutFrame(original, begin, absl::MakeSpan(frame));
    const absl::Span<const float> wanted = spectrum.Power(frame);
    for (size_t k = 0; k < magnitude.size(); ++k) {
      magnitude[k] = std::sqrt(wanted[k]);
      energy += wanted[k];
    }
    CutFrame(output, begin, absl::MakeSpan(frame));
    const absl::Span<const float> got = spectrum.Power(frame);
    for (size_t k = 0; k < magnitude.size(); ++k) {
      const double away = magnitude[k] - std::sqrt(got[k]);
      difference += away * away;
    }
  }
  if (!(energy > 0))
    return absl::InvalidArgumentError("silent: an original without sound has no convergence");
  return std::sqrt(difference / energy);
}

}  // namespace

absl::StatusOr<double> SpectralConvergence(absl::Span<const float> original, absl::Span<const float> output) {
  RETURN_IF_ERROR(CheckPair(original, output));
  double sum = 0;
  for (const SpectrumSizes& sizes : kConvergenceSizes) {
    ASSIGN_OR_RETURN(const double convergence, ConvergenceAt(sizes, original, output));
    sum += convergence;
  }
  return sum / kConvergenceSizes.size();
}

absl::StatusOr<double> LogMelDistance(absl::Span<const float> original, absl::Span<const float> output,
                                      int sample_rate_hz) {
  RETURN_IF_ERROR(CheckPair(original, output));
  ASSIGN_OR_RETURN(const LogMelSpectrogram wanted, LogMel(original, sample_rate_hz, LogMelSettings()));
  ASSIGN_OR_RETURN(const LogMelSpectrogram got, LogMel(output, sample_rate_hz, LogMelSettings()));
  double sum = 0;
  for (size_t i = 0; i < wanted.values.size(); ++i) sum += std::abs(wanted.values[i] - got.values[i]);
  return sum / static_cast<double>(wanted.values.size());
}

absl::StatusOr<ReconstructionMeasures> MeasureReconstruction(absl::Span<const float> original,
                                                             absl::Span<const float> output,
                                                             int sample_rate_hz) {
  ReconstructionMeasures measures;
  ASSIGN_OR_RETURN(measures.spectral_convergence, SpectralConvergence(original, output));
  ASSIGN_OR_RETURN(measures.log_mel_distance, LogMelDistance(original, output, sample_rate_hz));
  ASSIGN_OR_RETURN(const Description wanted, Describe(original, sample_rate_hz));
  ASSIGN_OR_RETURN(const Description got, Describe(output, sample_rate_hz));
  measures.loudness_difference_lu = got.summary.integrated_lufs - wanted.summary.integrated_lufs;
  ASSIGN_OR_RETURN(measures.melody, CompareMelodies(wanted.track.pitch_hz, got.track.pitch_hz));
  ASSIGN_OR_RETURN(measures.onsets, CompareOnsets(OnsetTimes(wanted.track), OnsetTimes(got.track)));
  return measures;
}

}  // namespace consort::trainer
