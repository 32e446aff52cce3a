#include "node/trainer/families/segment_cache.h"

namespace consort::trainer {

std::optional<std::vector<SegmentPoint>> SegmentCache::Find(absl::string_view identity, int64_t begin) const {
  MutexLock lock(mutex_);
  const auto found = pieces_.find({std::string(identity), begin});
  if (found == pieces_.end()) return std::nullopt;
  return found->second;
}

void SegmentCache::Insert(absl::string_view identity, int64_t begin,
                          const std::vector<SegmentPoint>& segments) {
  if (identity.empty() || segments.size() > most_segments_) return;
  MutexLock lock(mutex_);
  if (segments_ + segments.size() > most_segments_) {
    pieces_.clear();
    segments_ = 0;
  }
  if (pieces_.emplace(std::make_pair(std::string(identity), begin), segments).second) {
    segments_ += segments.size();
  }
}

}  // namespace consort::trainer
