#include "node/trainer/engine/collection_repertoire.h"

#include <map>
#include <string>

namespace consort::trainer {

CollectionRepertoire::CollectionRepertoire(const RoundMaterial& material)
    : material_(material), windows_(material.recordings.size()) {
  std::map<std::string, int> recordings;
  for (const Recording* recording : material.recordings) ++recordings[recording->tradition];
  for (const Recording* recording : material.recordings) {
    const auto weight = material.tradition_weights.find(recording->tradition);
    const double share = weight == material.tradition_weights.end()
                             ? 1.0
                             : static_cast<double>(weight->second) / recordings[recording->tradition];
    entries_.push_back({recording->tradition, recording->samples, share});
  }
}

absl::StatusOr<std::vector<float>> CollectionRepertoire::Read(size_t entry, int64_t begin, int64_t samples) {
  return material_.collection.Read(*material_.recordings[entry], material_.purpose, begin, samples);
}

std::vector<RecordingUse> CollectionRepertoire::Uses() const {
  std::vector<RecordingUse> uses;
  for (size_t i = 0; i < windows_.size(); ++i) {
    if (windows_[i] > 0) uses.push_back({material_.recordings[i]->id, windows_[i]});
  }
  return uses;
}

}  // namespace consort::trainer
