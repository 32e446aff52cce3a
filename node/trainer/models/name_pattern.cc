#include "node/trainer/models/name_pattern.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace consort::trainer {
namespace {

// What a person would write a pattern with: everything up to a name's second dot, each once. Whole names of a
// network would fill a screen.
std::string Beginnings(const std::vector<NamedTensor>& layout) {
  std::vector<std::string> beginnings;
  for (const NamedTensor& weight : layout) {
    const size_t first = weight.name.find('.');
    const size_t second = first == std::string::npos ? first : weight.name.find('.', first + 1);
    std::string beginning =
        second == std::string::npos ? weight.name : absl::StrCat(weight.name.substr(0, second), ".*");
    if (std::find(beginnings.begin(), beginnings.end(), beginning) == beginnings.end()) {
      beginnings.push_back(std::move(beginning));
    }
  }
  return absl::StrJoin(beginnings, ", ");
}

absl::Status WrongPattern(absl::string_view what, absl::string_view patterns,
                          const std::vector<NamedTensor>& layout) {
  return absl::InvalidArgumentError(absl::StrCat("wrong-job: correct frozen_tensors in the job file: ", what,
                                                 ": ", patterns, "; the weights are ", Beginnings(layout)));
}

}  // namespace

// Greedy: where a character does not fit, the last `*` takes one character more. Earlier ones need not be
// tried again, because the last one can take whatever they could.
bool MatchesPattern(absl::string_view pattern, absl::string_view name) {
  size_t p = 0, n = 0;
  size_t star = absl::string_view::npos, star_end = 0;  // the last `*`, and where its run ends in the name
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_end = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != absl::string_view::npos) {
      p = star + 1;
      n = ++star_end;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == absl::string_view::npos;
}

absl::StatusOr<std::vector<bool>> FrozenWeights(const std::vector<NamedTensor>& layout,
                                                const std::vector<std::string>& patterns) {
  std::vector<bool> frozen(layout.size(), false);
  for (const std::string& pattern : patterns) {
    bool matched = false;
    for (size_t i = 0; i < layout.size(); ++i) {
      if (!MatchesPattern(pattern, layout[i].name)) continue;
      frozen[i] = true;
      matched = true;
    }
    if (!matched) return WrongPattern("a pattern matches no weight", pattern, layout);
  }
  if (std::find(frozen.begin(), frozen.end(), false) == frozen.end()) {
    return WrongPattern("every weight is frozen, so nothing would be trained", absl::StrJoin(patterns, ", "),
                        layout);
  }
  return frozen;
}

}  // namespace consort::trainer
