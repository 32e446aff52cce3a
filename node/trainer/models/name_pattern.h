// Patterns that name weights of a network: "encoder.*".
#ifndef CONSORT_NODE_TRAINER_MODELS_NAME_PATTERN_H_
#define CONSORT_NODE_TRAINER_MODELS_NAME_PATTERN_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "node/trainer/models/architecture.h"

namespace consort::trainer {

// Whether `pattern` describes the whole of `name`: `*` stands for any run of characters, an empty one and one
// with dots among them, and every other character for itself. Takes at most |pattern| * |name| steps.
bool MatchesPattern(absl::string_view pattern, absl::string_view name);

// Which weights of `layout` the patterns freeze, in its order.
// Errors: InvalidArgument "wrong-job: ..." if a pattern matches no weight or all weights are frozen, naming
// the pattern and the beginnings of the names that there are.
absl::StatusOr<std::vector<bool>> FrozenWeights(const std::vector<NamedTensor>& layout,
                                                const std::vector<std::string>& patterns);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_MODELS_NAME_PATTERN_H_
