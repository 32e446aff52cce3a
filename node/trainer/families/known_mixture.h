// What a state of descriptor-mixture knows, and what it says when it is asked for more.
#ifndef CONSORT_NODE_TRAINER_FAMILIES_KNOWN_MIXTURE_H_
#define CONSORT_NODE_TRAINER_FAMILIES_KNOWN_MIXTURE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "node/trainer/families/mixture_state.h"

namespace consort::trainer {

// The mixtures of a state, by tradition in its order; empty where nothing has been learnt.
std::vector<std::vector<MixtureComponent>> MixturesOf(const MixtureState& state);

// The mixture of one tradition or, if that is empty, an empty one when there is any. Errors: InvalidArgument
// "unknown-tradition: ..." naming those it knows; FailedPrecondition "nothing-learnt: ..." for a tradition,
// or a whole model, that has heard nothing.
absl::StatusOr<std::vector<MixtureComponent>> KnownMixture(const MixtureState& state,
                                                           const std::string& tradition);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_FAMILIES_KNOWN_MIXTURE_H_
