#include "node/trainer/models/registry.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/trainer/models/attribute_vae.h"
#include "node/trainer/models/rave.h"

namespace consort::trainer {
namespace {

// One line for each architecture.
const std::vector<const Architecture*>& All() {
  static const std::vector<const Architecture*> all = {&RaveTiny(), &RaveV2Small(), &RaveV2(),
                                                       &AttributeVae()};
  return all;
}

}  // namespace

absl::StatusOr<const Architecture*> FindArchitecture(absl::string_view name) {
  for (const Architecture* architecture : All()) {
    if (architecture->facts().name == name) return architecture;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("wrong-architecture: this trainer has no such architecture; choose one of ",
                   absl::StrJoin(ArchitectureNames(), ", "), " (asked for ", name, ")"));
}

std::vector<std::string> ArchitectureNames() {
  std::vector<std::string> names;
  for (const Architecture* architecture : All()) names.push_back(architecture->facts().name);
  return names;
}

}  // namespace consort::trainer
