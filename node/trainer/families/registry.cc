#include "node/trainer/families/registry.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/trainer/families/gradient_family.h"
#include "node/trainer/models/registry.h"

namespace consort::trainer {
namespace {

using Families = std::vector<std::unique_ptr<const Family>>;

// Every architecture of models/registry.h, then one line for each family that is no network.
Families MakeAll() {
  Families all;
  for (const std::string& name : ArchitectureNames()) {
    all.push_back(MakeGradientFamily(**FindArchitecture(name)));
  }
  return all;
}

const Families& All() {
  static const Families all = MakeAll();
  return all;
}

}  // namespace

absl::StatusOr<const Family*> FindFamily(absl::string_view name) {
  for (const std::unique_ptr<const Family>& family : All()) {
    if (family->facts().name == name) return family.get();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("wrong-architecture: this trainer has no such architecture; choose one of ",
                   absl::StrJoin(FamilyNames(), ", "), " (asked for ", name, ")"));
}

std::vector<std::string> FamilyNames() {
  std::vector<std::string> names;
  for (const std::unique_ptr<const Family>& family : All()) names.push_back(family->facts().name);
  return names;
}

}  // namespace consort::trainer
