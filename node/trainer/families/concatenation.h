// Says a recording again with short pieces of others: what a model must beat to be worth its training.
#ifndef CONSORT_NODE_TRAINER_FAMILIES_CONCATENATION_H_
#define CONSORT_NODE_TRAINER_FAMILIES_CONCATENATION_H_

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "node/trainer/families/unit_library.h"

namespace consort::trainer {

// The loudest that a unit is made: 30 dB. More would be noise.
inline constexpr double kLargestGain = 32;

// Concatenative resynthesis (Schwarz 2006, "Concatenative sound synthesis: the early years", JNMR 35(1)): the
// target is cut into units of 93 ms that overlap by half, each is replaced by the nearest unit of the
// library, which is brought to the same level and cross-faded. The gain is the geometric mean of what would
// make powers equal and of what would make the mean logarithms of the spectra equal: the one alone lifts
// noise, the other buries it. Sizes and gain were chosen by the multi-scale STFT distance; aligning waves
// before the cross-fade (WSOLA) did not lower it and is left out. Without chance; as long as `target`.
// `target`: mono at the library's rate, full scale = 1. `own`: the number of the target's recording in the
// library, if it is in it: none of its units are used. Whoever calls keeps other copies of the target out of
// the library. Errors: InvalidArgument for no audio or samples that are NaN or infinite; FailedPrecondition
// "no-usable-recording: ..." if the library has no unit of another recording.
absl::StatusOr<std::vector<float>> YardstickReconstruction(const UnitLibrary& library,
                                                           absl::Span<const float> target,
                                                           std::optional<size_t> own);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_FAMILIES_CONCATENATION_H_
