#include "node/trainer/families/known_mixture.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace consort::trainer {

std::vector<std::vector<MixtureComponent>> MixturesOf(const MixtureState& state) {
  std::vector<std::vector<MixtureComponent>> mixtures;
  for (size_t t = 0; t < state.traditions().size(); ++t) mixtures.push_back(Maximise(state.at(t)));
  return mixtures;
}

absl::StatusOr<std::vector<MixtureComponent>> KnownMixture(const MixtureState& state,
                                                           const std::string& tradition) {
  const std::vector<std::vector<MixtureComponent>> mixtures = MixturesOf(state);
  const std::vector<std::string>& names = state.traditions();
  const auto found = std::find(names.begin(), names.end(), tradition);
  if (!tradition.empty() && found == names.end()) {
    return absl::InvalidArgumentError(absl::StrCat("unknown-tradition: this model knows ",
                                                   absl::StrJoin(names, ", "), "; asked for ", tradition));
  }
  for (size_t t = 0; t < mixtures.size(); ++t) {
    const bool asked = tradition.empty() || names[t] == tradition;
    if (asked && !mixtures[t].empty())
      return tradition.empty() ? std::vector<MixtureComponent>() : mixtures[t];
  }
  return absl::FailedPreconditionError(absl::StrCat("nothing-learnt: this model has heard nothing of ",
                                                    tradition.empty() ? "any tradition" : tradition,
                                                    "; take the state of a later round"));
}

}  // namespace consort::trainer
