// What a mixture has learnt, for people.
#ifndef CONSORT_NODE_TRAINER_FAMILIES_MIXTURE_DESCRIPTION_H_
#define CONSORT_NODE_TRAINER_FAMILIES_MIXTURE_DESCRIPTION_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "node/trainer/families/mixture_state.h"

namespace consort::trainer {

// JSON of one object: "family"; "parameters", their number; "descriptors": name, unit, meaning and range of
// each; "traditions": name, segments counted (of about a second), log_likelihood_per_segment, and
// "components", the largest first: weight and, by descriptor, mean, standard_deviation and segments that have
// it, in the descriptor's unit. Components out of use and descriptors never seen are left out. `mixtures`: by
// tradition. Errors: Internal with the library's reason.
absl::StatusOr<std::string> DescribeMixtures(const MixtureState& state,
                                             const std::vector<std::vector<MixtureComponent>>& mixtures);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_FAMILIES_MIXTURE_DESCRIPTION_H_
