// Concatenative resynthesis by seconds: which of an archive's released seconds follow one another, and the
// sound of that.
#ifndef CONSORT_NODE_TRAINER_FAMILIES_UNIT_PATH_H_
#define CONSORT_NODE_TRAINER_FAMILIES_UNIT_PATH_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "node/trainer/families/example_library.h"
#include "node/trainer/families/retrieval.h"

namespace consort::trainer {

// Costs beside the squared distance to what is wanted (target and concatenation cost: Schwarz 2006,
// "Concatenative sound synthesis: the early years", JNMR 35(1)).
inline constexpr double kJumpCost = 1.0;    // not to go on where the last second ended
inline constexpr double kRepeatCost = 2.0;  // to take a second that was taken within kRepeatSeconds
inline constexpr int kRepeatSeconds = 8;
// Neighbouring seconds fade into each other over so many samples.
inline constexpr int64_t kFadeSamples = 2048;

using UnitPath = std::vector<std::optional<size_t>>;  // indices into the library's units; none: silence

// For each second the unit of least cost after the ones before it; none where nothing is wanted. Errors:
// FailedPrecondition "no-usable-recording: ..." if the library has no whole second that sounds.
absl::StatusOr<UnitPath> ChoosePath(const ExampleLibrary& library,
                                    absl::Span<const std::optional<Wanted>> wanted);

// Seconds drawn from a tradition's mixture: a component by its weight and a point by its Gaussian, held for
// kHeldSeconds on average. `mixture`: not empty. The same seed gives the same walk.
inline constexpr int kHeldSeconds = 4;
std::vector<std::optional<Wanted>> DrawWalk(const std::vector<MixtureComponent>& mixture, int64_t seconds,
                                            uint64_t seed);

// The path's seconds one after the other, cross-faded; what follows in its own recording is left as it was.
// Mono at the library's rate, path.size() seconds.
std::vector<float> JoinUnits(const ExampleLibrary& library, const UnitPath& path);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_FAMILIES_UNIT_PATH_H_
