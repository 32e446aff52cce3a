#include "node/trainer/families/registry.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/trainer/families/descriptor_mixture.h"
#include "node/trainer/families/gradient_family.h"
#include "node/trainer/models/registry.h"

namespace consort::trainer {
namespace {

// Makes families of the networks in models/registry.h; they live as long as the program.
std::vector<const Family*> Networks() {
  static std::vector<std::unique_ptr<const Family>> made;
  std::vector<const Family*> families;
  for (const std::string& name : ArchitectureNames()) {
    made.push_back(MakeGradientFamily(**FindArchitecture(name)));
    families.push_back(made.back().get());
  }
  return families;
}

std::vector<const Family*> MakeAll() {
  std::vector<const Family*> all = Networks();
  // Families that are no networks: one line for each.
  all.push_back(&DescriptorMixture());
  return all;
}

const std::vector<const Family*>& All() {
  static const std::vector<const Family*> all = MakeAll();
  return all;
}

}  // namespace

absl::StatusOr<const Family*> FindFamily(absl::string_view name) {
  for (const Family* family : All()) {
    if (family->facts().name == name) return family;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("wrong-architecture: this trainer has no such architecture; choose one of ",
                   absl::StrJoin(FamilyNames(), ", "), " (asked for ", name, ")"));
}

std::vector<std::string> FamilyNames() {
  std::vector<std::string> names;
  for (const Family* family : All()) names.push_back(family->facts().name);
  return names;
}

}  // namespace consort::trainer
