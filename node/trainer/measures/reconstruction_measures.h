// How much of a recording is left when a model has said it again.
#ifndef CONSORT_NODE_TRAINER_MEASURES_RECONSTRUCTION_MEASURES_H_
#define CONSORT_NODE_TRAINER_MEASURES_RECONSTRUCTION_MEASURES_H_

#include <array>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "node/trainer/descriptors/log_mel.h"
#include "node/trainer/descriptors/short_time_spectrum.h"
#include "node/trainer/measures/melody_accuracy.h"
#include "node/trainer/measures/onset_score.h"

namespace consort::trainer {

// All take `original` and `output`, mono float32 of one length above 0, full scale = 1, and return
// InvalidArgument for other lengths, samples that are NaN or infinite, or what their rate or sizes do not
// allow.

// The sizes of Yamamoto et al. 2020 (arXiv 1910.11480, table 1), which auraloss has as its defaults.
inline constexpr std::array<SpectrumSizes, 3> kConvergenceSizes = {
    SpectrumSizes{1024, 120, 600}, SpectrumSizes{2048, 240, 1200}, SpectrumSizes{512, 50, 240}};

// ||Y - X||_F / ||Y||_F of the magnitude spectrograms Y of the original and X of the output (Arik et al.
// 2018), the mean over kConvergenceSizes. 0 is equal; 1 is what silence gets. Errors: also InvalidArgument
// "silent" where ||Y|| is 0.
absl::StatusOr<double> SpectralConvergence(absl::Span<const float> original, absl::Span<const float> output);

// The mean over frames and 64 bands of |ln P - ln Q|, floors included, as LogMel has them with its defaults
// (transform and window of 2048 samples, hop 512): about a quarter of the mean difference in decibels.
absl::StatusOr<double> LogMelDistance(absl::Span<const float> original, absl::Span<const float> output,
                                      int sample_rate_hz);

struct ReconstructionMeasures {
  double spectral_convergence = 0;
  double log_mel_distance = 0;
  double loudness_difference_lu = 0;  // integrated loudness (BS.1770-4) of the output less the original's
  MelodyAccuracy melody;              // of the output's pitch track against the original's
  OnsetScore onsets;
};

// All of them, by the descriptors of both. The original is the reference throughout.
absl::StatusOr<ReconstructionMeasures> MeasureReconstruction(absl::Span<const float> original,
                                                             absl::Span<const float> output,
                                                             int sample_rate_hz);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_MEASURES_RECONSTRUCTION_MEASURES_H_
