// The log-mel spectrogram: what small models see and what distances compare.
#ifndef CONSORT_NODE_TRAINER_DESCRIPTORS_LOG_MEL_H_
#define CONSORT_NODE_TRAINER_DESCRIPTORS_LOG_MEL_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "node/trainer/descriptors/mel_filters.h"
#include "node/trainer/descriptors/short_time_spectrum.h"

namespace consort::trainer {

struct LogMelSettings {
  SpectrumSizes sizes;
  MelRange range;
  double floor = 1e-8;  // added to each band's power inside the logarithm; a sine at full scale has power 0.5
};

struct LogMelSpectrogram {
  int64_t frames = 0;
  int bands = 0;
  std::vector<float> values;  // [frames, bands], natural logarithms
};

// ln(P + floor), where P is the power in a band: 2 / (transform * sum of the squared window) times the
// weighted sum of |X|^2, which for a sine of amplitude a at a band's centre is a^2 / 2 whatever the sizes and
// the rate (Parseval). `audio`: mono float32 at `sample_rate_hz`; frames as ShortTimeSpectrum::ForEachFrame
// cuts them. Memory grows with the audio: for excerpts. Errors: InvalidArgument for no audio, samples that
// are NaN or infinite, a floor that is not above 0, or as ShortTimeSpectrum and MelFilters.
absl::StatusOr<LogMelSpectrogram> LogMel(absl::Span<const float> audio, int sample_rate_hz,
                                         const LogMelSettings& settings);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_DESCRIPTORS_LOG_MEL_H_
