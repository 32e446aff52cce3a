#include "node/trainer/engine/collection_repertoire.h"

#include <sys/stat.h>

#include <map>
#include <string>

#include "absl/strings/str_cat.h"

namespace consort::trainer {
namespace {

// Empty if the file cannot be looked at: reading it will say why.
std::string IdentityOf(const Recording& recording) {
  struct stat facts = {};
  if (stat(recording.path.c_str(), &facts) != 0) return {};
  return absl::StrCat(recording.id, " ", facts.st_size, " ", facts.st_mtim.tv_sec, " ",
                      facts.st_mtim.tv_nsec);
}

}  // namespace

CollectionRepertoire::CollectionRepertoire(const RoundMaterial& material)
    : material_(material), windows_(material.recordings.size()) {
  std::map<std::string, int> recordings;
  for (const Recording* recording : material.recordings) ++recordings[recording->tradition];
  for (const Recording* recording : material.recordings) {
    const auto weight = material.tradition_weights.find(recording->tradition);
    const double share = weight == material.tradition_weights.end()
                             ? 1.0
                             : static_cast<double>(weight->second) / recordings[recording->tradition];
    entries_.push_back({recording->tradition, recording->samples, share, IdentityOf(*recording)});
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
