#include "node/trainer/collection/split.h"

#include <algorithm>

namespace consort::trainer {

absl::string_view SplitName(Split split) { return split == Split::kHoldout ? "holdout" : "training"; }

int HoldoutCount(int recordings) {
  constexpr int kFewestForAnInterval = 3;
  if (recordings < 2) return 0;
  if (recordings < 2 * kFewestForAnInterval) return 1;
  return std::max(kFewestForAnInterval, recordings / 4);
}

std::set<std::string> ChooseHoldout(std::vector<std::string> new_audio_digests, int known_training,
                                    int known_holdout) {
  if (known_holdout > 0) return {};
  std::sort(new_audio_digests.begin(), new_audio_digests.end());
  const int all = known_training + static_cast<int>(new_audio_digests.size());
  const size_t count = std::min<size_t>(HoldoutCount(all), new_audio_digests.size());
  return {new_audio_digests.begin(), new_audio_digests.begin() + count};
}

}  // namespace consort::trainer
