// What a recording and a model's two versions of it look like, one above the other.
#ifndef CONSORT_NODE_TRAINER_EVALUATION_SPECTROGRAM_PICTURE_H_
#define CONSORT_NODE_TRAINER_EVALUATION_SPECTROGRAM_PICTURE_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "node/trainer/evaluation/png_file.h"

namespace consort::trainer {

// Where things are in the picture, in pixels.
struct SpectrogramLayout {
  static constexpr int kLeft = 64;      // of the spectrograms
  static constexpr int kColumns = 860;  // stretches of time in each
  static constexpr int kBands = 192;    // rows of each, evenly spaced in mel
  static constexpr int kTitle = 40;     // above each
  static constexpr int kPanel = kTitle + kBands;
  static constexpr int kRight = 116;  // of them, for the scale of colours
  static constexpr int kBottom = 44;  // under the last, for the seconds
  static constexpr int kWidth = kLeft + kColumns + kRight;
  static constexpr int kHeight = 3 * kPanel + kBottom;

  static constexpr int Top(int panel) { return panel * kPanel + kTitle; }
};

inline constexpr double kLowestHz = 50;
inline constexpr double kHighestHz = 16000;
// The darkest colour is this far below the original's loudest band; the same scale for all three.
inline constexpr double kShownDecibels = 80;
inline constexpr uint8_t kBrightest = 250;  // palette index; 0 is the darkest

// Three mel spectrograms: `original`, `before`, `after`, mono at `sample_rate_hz`, one length. Axes and scale
// are labelled. Errors: InvalidArgument for no audio, samples that are NaN or infinite, or a rate below twice
// kHighestHz.
absl::StatusOr<Picture> DrawSpectrograms(absl::Span<const float> original, absl::Span<const float> before,
                                         absl::Span<const float> after, int sample_rate_hz);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_EVALUATION_SPECTROGRAM_PICTURE_H_
