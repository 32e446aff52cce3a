// The families this trainer knows, by the names that a job uses.
#ifndef CONSORT_NODE_TRAINER_FAMILIES_REGISTRY_H_
#define CONSORT_NODE_TRAINER_FAMILIES_REGISTRY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "node/trainer/families/family.h"

namespace consort::trainer {

// Errors: InvalidArgument "wrong-architecture: ..." with the names that exist. The pointer is never null.
absl::StatusOr<const Family*> FindFamily(absl::string_view name);

std::vector<std::string> FamilyNames();

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_FAMILIES_REGISTRY_H_
