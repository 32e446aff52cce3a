// Reads a stretch of a recording as the models hear it: mono, at their sample rate.
#ifndef CONSORT_NODE_TRAINER_AUDIO_EXCERPT_H_
#define CONSORT_NODE_TRAINER_AUDIO_EXCERPT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace consort::trainer {

// The number of samples a recording of `frames` at `source_rate_hz` has at `rate_hz`, rounded down.
int64_t SamplesAtRate(int64_t frames, int source_rate_hz, int rate_hz);

// Reads `samples` samples from position `begin` on, both counted at `rate_hz`: channels averaged, resampled
// by libsoxr at high quality. Decodes only the stretch and a margin for the resampler's filter, so memory
// depends on `samples` alone. Sample n is the sound at n / rate_hz seconds whatever `begin` is. The result is
// shorter where the recording ends. Errors: as AudioFile; Internal with the resampler's reason.
absl::StatusOr<std::vector<float>> ReadExcerpt(const std::string& path, int rate_hz, int64_t begin,
                                               int64_t samples);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_AUDIO_EXCERPT_H_
