// What the first dimensions of attribute-vae are made to follow.
#ifndef CONSORT_NODE_TRAINER_MODELS_PATCH_ATTRIBUTES_H_
#define CONSORT_NODE_TRAINER_MODELS_PATCH_ATTRIBUTES_H_

#include <array>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace consort::trainer {

inline constexpr int kPatchAttributes = 5;
inline constexpr std::array<const char*, kPatchAttributes> kPatchAttributeNames = {
    "loudness", "centroid", "flatness", "f0", "onset_density"};

// In that order: the mean loudness in LUFS, the mean logarithm of the centroid in octaves, the mean flatness
// in dB, the median pitch in semitones, the onsets a second. NaN where there is none: no sound, or fewer than
// 10 voiced frames.
using PatchAttributes = std::array<double, kPatchAttributes>;

// Of a stretch of mono audio, full scale = 1, by the project's own descriptors. Errors: InvalidArgument for
// no audio, samples that are NaN or infinite, or an unsupported rate.
absl::StatusOr<PatchAttributes> MeasurePatchAttributes(absl::Span<const float> audio, int sample_rate_hz);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_MODELS_PATCH_ATTRIBUTES_H_
