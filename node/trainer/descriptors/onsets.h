// When notes begin: a rise of the spectrum, and the peaks of that rise.
#ifndef CONSORT_NODE_TRAINER_DESCRIPTORS_ONSETS_H_
#define CONSORT_NODE_TRAINER_DESCRIPTORS_ONSETS_H_

#include <cstdint>
#include <deque>
#include <vector>

#include "absl/types/span.h"

namespace consort::trainer {

// One frame of the detection function.
struct OnsetStrength {
  float rise = 0;   // spectral flux: how much amplitude the bands gained since the frame before
  float level = 0;  // amplitude of all bands together
};

// Spectral flux of band amplitudes, rises only (Bello et al. 2005, section III-A; Dixon 2006, equation 1),
// each band compared with the loudest of itself and its neighbours a frame ago, which keeps vibrato from
// looking like notes (Boeck and Widmer 2013, DAFx). Not thread-safe.
class SpectralFlux {
 public:
  explicit SpectralFlux(int bands) : previous_(bands) {}
  // `band_powers`: [bands]. The first frame follows silence.
  OnsetStrength Add(absl::Span<const float> band_powers);

 private:
  std::vector<float> previous_;  // amplitudes
};

// Picks the frames at which notes begin, for frames 10 ms apart: a frame is an onset if its rise, relative to
// the level about it (the largest, which fades by half in a second, of all frames up to 100 ms later), is the
// largest within 30 ms on either side and above the mean from 100 ms before to 30 ms after by kOnsetThreshold
// (Dixon 2006, section 2.2, without its third condition). Levels are relative, so gain does not matter above
// kQuietestLevel. State does not grow. Not thread-safe.
inline constexpr double kOnsetFrameSeconds = 0.01;
inline constexpr double kOnsetThreshold = 0.03;
inline constexpr double kQuietestLevel = 1e-4;  // -80 dB, full scale = 0 dB

class OnsetPicker {
 public:
  void Add(const OnsetStrength& strength);
  // Appends the onsets that have become certain, as frame numbers from 0, in order. `at_end`: no frames
  // follow.
  void Take(bool at_end, std::vector<int64_t>& onsets);

 private:
  bool IsOnset(int64_t frame) const;
  double RelativeRise(int64_t frame) const;

  std::deque<OnsetStrength> recent_;  // level: the running maximum
  int64_t first_ = 0;                 // the frame that recent_ begins with
  int64_t next_ = 0;                  // the next to decide on
  float peak_level_ = 0;
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_DESCRIPTORS_ONSETS_H_
