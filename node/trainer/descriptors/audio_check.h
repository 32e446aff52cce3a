// The check that every measurement of sound begins with.
#ifndef CONSORT_NODE_TRAINER_DESCRIPTORS_AUDIO_CHECK_H_
#define CONSORT_NODE_TRAINER_DESCRIPTORS_AUDIO_CHECK_H_

#include "absl/status/status.h"
#include "absl/types/span.h"

namespace consort::trainer {

// Errors: InvalidArgument "not-finite" for a sample that is NaN or infinite.
absl::Status CheckFinite(absl::Span<const float> audio);

// Errors: InvalidArgument for a rate outside 8 to 192 kHz, as AudioFile has it.
absl::Status CheckRate(int sample_rate_hz);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_DESCRIPTORS_AUDIO_CHECK_H_
