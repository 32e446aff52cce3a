#include "node/trainer/engine/collection_repertoire.h"

namespace consort::trainer {

CollectionRepertoire::CollectionRepertoire(const RoundMaterial& material)
    : material_(material), windows_(material.recordings.size()) {
  for (const Recording* recording : material.recordings) {
    entries_.push_back({recording->tradition, recording->samples});
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
