#include "node/trainer/engine/supply.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"

namespace consort::trainer {

std::vector<const Recording*> SelectRecordings(const Collection& collection, const v1::JobSpec& spec,
                                               Split split) {
  std::vector<const Recording*> selected;
  const auto& asked = spec.traditions();
  for (const Recording& recording : collection.recordings()) {
    if (recording.split != split) continue;
    if (!asked.empty() && std::find(asked.begin(), asked.end(), recording.tradition) == asked.end()) continue;
    if (!collection.policy().Allows(recording.id, spec.purpose()).ok()) continue;
    selected.push_back(&recording);
  }
  return selected;
}

std::vector<v1::TraditionSupply> SuppliesOf(const std::vector<const Recording*>& training,
                                            const std::vector<const Recording*>& holdout) {
  struct Total {
    uint32_t training = 0, holdout = 0;
    double training_seconds = 0;
  };
  std::map<std::string, Total> totals;
  for (const Recording* recording : training) {
    ++totals[recording->tradition].training;
    totals[recording->tradition].training_seconds += recording->seconds;
  }
  for (const Recording* recording : holdout) ++totals[recording->tradition].holdout;

  std::vector<v1::TraditionSupply> supplies;
  for (const auto& [tradition, total] : totals) {
    v1::TraditionSupply& supply = supplies.emplace_back();
    supply.set_tradition(tradition);
    supply.set_training_recordings(total.training);
    supply.set_holdout_recordings(total.holdout);
    supply.set_training_seconds(static_cast<uint64_t>(total.training_seconds));
  }
  return supplies;
}

uint64_t TrainingSeconds(const std::vector<const Recording*>& training) {
  uint64_t seconds = 0;
  for (const v1::TraditionSupply& supply : SuppliesOf(training, {})) seconds += supply.training_seconds();
  return seconds;
}

std::vector<std::string> CountProblems(const std::vector<Problem>& problems) {
  std::map<std::string, int> counts;
  for (const Problem& problem : problems) ++counts[problem.code];
  std::vector<std::string> lines;
  for (const auto& [code, count] : counts) lines.push_back(absl::StrCat(code, ": ", count));
  return lines;
}

}  // namespace consort::trainer
