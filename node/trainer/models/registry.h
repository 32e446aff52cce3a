// The architectures this trainer knows, by the names that a job uses.
#ifndef CONSORT_NODE_TRAINER_MODELS_REGISTRY_H_
#define CONSORT_NODE_TRAINER_MODELS_REGISTRY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "node/trainer/models/architecture.h"

namespace consort::trainer {

// Errors: InvalidArgument "wrong-architecture: ..." with the names that exist. The pointer is never null.
absl::StatusOr<const Architecture*> FindArchitecture(absl::string_view name);

std::vector<std::string> ArchitectureNames();

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_MODELS_REGISTRY_H_
