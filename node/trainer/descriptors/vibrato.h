// Vibrato: a regular wavering of the pitch, four to eight times a second.
#ifndef CONSORT_NODE_TRAINER_DESCRIPTORS_VIBRATO_H_
#define CONSORT_NODE_TRAINER_DESCRIPTORS_VIBRATO_H_

#include <optional>

#include "absl/types/span.h"

namespace consort::trainer {

struct Vibrato {
  double rate_hz = 0;
  double extent_cents = 0;  // amplitude: half of what lies between the highest and the lowest pitch
};

inline constexpr double kVibratoSeconds = 0.8;  // of an unbroken note: three cycles at least
inline constexpr double kSlowestVibratoHz = 4;
inline constexpr double kFastestVibratoHz = 8;
inline constexpr double kLeastVibratoCents = 5;  // below, players and ears call it a straight tone

// Looks for vibrato in a stretch of pitch: takes out its straight line, weighs it with a Hann window and
// looks for the strongest frequency from 3 to 10 Hz (as Herrera and Bonada 1998, DAFx, do with the
// transform). Nothing if that is outside 4 to 8 Hz, explains less than half of the variance, or is narrower
// than kLeastVibratoCents. `cents`: pitch on any reference, finite, about kVibratoSeconds at
// `frames_per_second`.
std::optional<Vibrato> FindVibrato(absl::Span<const float> cents, double frames_per_second);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_DESCRIPTORS_VIBRATO_H_
