// Letters in pictures: what the axes of a spectrogram need.
#ifndef CONSORT_NODE_TRAINER_EVALUATION_PICTURE_TEXT_H_
#define CONSORT_NODE_TRAINER_EVALUATION_PICTURE_TEXT_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "node/trainer/evaluation/png_file.h"

namespace consort::trainer {

inline constexpr int kTextHeight = 14;  // pixels, of capitals; a 'g' reaches 4 below
inline constexpr int kLetterWidth = 12;

inline int TextWidth(absl::string_view text) { return static_cast<int>(text.size()) * kLetterWidth; }

// Writes `text` with its upper left corner at (x, y) in the palette's `colour`. There are digits, '.', '-',
// 'B', 'H' and the small letters of "original before after kHz dB s"; another character leaves a gap. What
// does not fit the picture is cut off.
void DrawText(Picture& picture, int x, int y, absl::string_view text, uint8_t colour);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_EVALUATION_PICTURE_TEXT_H_
