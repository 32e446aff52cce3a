// Writes what people listen to: WAV, 16 bit, mono.
#ifndef CONSORT_NODE_TRAINER_AUDIO_WAV_FILE_H_
#define CONSORT_NODE_TRAINER_AUDIO_WAV_FILE_H_

#include <string>

#include "absl/types/span.h"

namespace consort::trainer {

// The bytes of a RIFF/WAVE file (Microsoft and IBM 1991). Samples beyond +-1 are limited, not wrapped.
std::string WavBytes(absl::Span<const float> audio, int sample_rate_hz);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_AUDIO_WAV_FILE_H_
