// Remembers what seconds of recordings are like, so that each round need not describe them again.
#ifndef CONSORT_NODE_TRAINER_FAMILIES_SEGMENT_CACHE_H_
#define CONSORT_NODE_TRAINER_FAMILIES_SEGMENT_CACHE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/sync/mutex.h"
#include "node/trainer/families/segment_descriptors.h"

namespace consort::trainer {

// Thread-safe.
class SegmentCache {
 public:
  static constexpr size_t kMostSegments = size_t{1} << 18;  // 24 MB, 72 hours; then it starts over

  explicit SegmentCache(size_t most_segments = kMostSegments) : most_segments_(most_segments) {}

  // The segments of the piece of a recording that begins at sample `begin`. `identity`: Repertoire::Entry's;
  // nothing is remembered of an empty one.
  std::optional<std::vector<SegmentPoint>> Find(absl::string_view identity, int64_t begin) const;
  void Insert(absl::string_view identity, int64_t begin, const std::vector<SegmentPoint>& segments);

 private:
  const size_t most_segments_;
  mutable Mutex mutex_;
  size_t segments_ CONSORT_GUARDED_BY(mutex_) = 0;
  std::map<std::pair<std::string, int64_t>, std::vector<SegmentPoint>> pieces_ CONSORT_GUARDED_BY(mutex_);
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_FAMILIES_SEGMENT_CACHE_H_
