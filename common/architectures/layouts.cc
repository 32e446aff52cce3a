#include "common/architectures/layouts.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/architectures/attribute_vae_layout.h"
#include "common/architectures/rave_layout.h"

namespace consort {
namespace {

using Layouts = std::map<std::string, std::vector<NamedTensor>, std::less<>>;

const Layouts& All() {
  static const Layouts layouts = {
      {"attribute-vae", LayOutAttributeVae()},
      {"rave-tiny", LayOutRave(RaveTinyShape()).weights},
      {"rave-v2", LayOutRave(RaveV2Shape()).weights},
      {"rave-v2-small", LayOutRave(RaveV2SmallShape()).weights},
  };
  return layouts;
}

}  // namespace

absl::StatusOr<std::vector<NamedTensor>> LayoutOf(absl::string_view architecture) {
  const auto found = All().find(std::string(architecture));
  if (found != All().end()) return found->second;
  return absl::InvalidArgumentError(absl::StrCat("wrong-architecture: no such architecture; choose one of ",
                                                 absl::StrJoin(LayoutNames(), ", "), ": ", architecture));
}

std::vector<std::string> LayoutNames() {
  std::vector<std::string> names;
  for (const auto& [name, layout] : All()) names.push_back(name);
  return names;
}

}  // namespace consort
