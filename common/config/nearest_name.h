// Finds what somebody probably meant to type.
#ifndef CONSORT_COMMON_CONFIG_NEAREST_NAME_H_
#define CONSORT_COMMON_CONFIG_NEAREST_NAME_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace consort {

// Returns the known name with the fewest insertions, deletions and replacements from `name` (Levenshtein
// distance), if that is at most a third of its length or 2; the first of several; empty if none is near.
std::string NearestName(absl::string_view name, const std::vector<std::string>& known);

}  // namespace consort

#endif  // CONSORT_COMMON_CONFIG_NEAREST_NAME_H_
