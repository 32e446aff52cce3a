// How well one melody follows another.
#ifndef CONSORT_NODE_TRAINER_MEASURES_MELODY_ACCURACY_H_
#define CONSORT_NODE_TRAINER_MEASURES_MELODY_ACCURACY_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace consort::trainer {

inline constexpr double kPitchToleranceCents = 50;

struct MelodyAccuracy {
  double raw_pitch = 0;       // share of the voiced frames with the right pitch; 0 if there are none
  double raw_chroma = 0;      // the same, octaves aside
  int64_t voiced_frames = 0;  // of the reference: what the shares are of
};

// Raw pitch and raw chroma accuracy as mir_eval.melody defines them (Salamon et al. 2014): a voiced frame of
// the reference is right if the estimate has a pitch less than 50 cents away, for chroma after the nearest
// whole number of octaves is taken off. A voiced frame without an estimate is wrong; unvoiced frames of the
// reference do not count. `reference_hz`, `estimate_hz`: pitch of the same frames; 0 or NaN where there is
// none; of a negative estimate (a guess called unvoiced) the amount counts. Errors: InvalidArgument for
// different lengths, or infinite values.
absl::StatusOr<MelodyAccuracy> CompareMelodies(absl::Span<const float> reference_hz,
                                               absl::Span<const float> estimate_hz);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_MEASURES_MELODY_ACCURACY_H_
