// Which notes sound, octaves aside; and how the recording is tuned.
#ifndef CONSORT_NODE_TRAINER_DESCRIPTORS_CHROMA_H_
#define CONSORT_NODE_TRAINER_DESCRIPTORS_CHROMA_H_

#include <array>
#include <vector>

#include "absl/types/span.h"

namespace consort::trainer {

inline constexpr int kPitchClasses = 12;                      // 0 is C
using Chroma = std::array<float, kPitchClasses>;              // shares of power; sums to 1, or all 0
inline constexpr int kFinePitchClasses = 10 * kPitchClasses;  // of 10 cents each
using FineChroma = std::array<double, kFinePitchClasses>;

struct SpectralPeak {
  double semitones = 0;  // above C-1 at equal temperament with A4 = 440 Hz, as MIDI counts; fractions kept
  double power = 0;
};

// Finds the local maxima of a power spectrum from 100 Hz to 5 kHz that are within 60 dB of the strongest;
// their frequencies by a parabola through the logarithms of three bins (Smith and Serra 1987). `power`:
// [bins]; replaces `peaks`.
void FindPeaks(absl::Span<const float> power, double bin_hz, std::vector<SpectralPeak>& peaks);

// The power of the peaks by pitch class. A peak between two classes counts for both, by its distance, so that
// a recording tuned away from 440 Hz does not jump between them.
Chroma ChromaOf(absl::Span<const SpectralPeak> peaks);
// Adds the frame's peaks, scaled to 1 in total, to `fine`; class 0 is centred on C. Nothing without peaks.
void AddTo(FineChroma& fine, absl::Span<const SpectralPeak> peaks);

// How far the notes lie above equal temperament with A4 = 440 Hz, in cents in [-50, 50): the angle of the
// mean of exp(2 pi i s) over all s, in semitones. 0 for an empty `fine`.
double TuningCents(const FineChroma& fine);
// `fine` folded to 12 classes centred on notes that are `tuning_cents` higher; sums to 1, or all 0.
Chroma TunedChroma(const FineChroma& fine, double tuning_cents);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_DESCRIPTORS_CHROMA_H_
