// Keeps decoded recordings in memory, within a bound, so that training does not decode them again for each
// window.
#ifndef CONSORT_NODE_TRAINER_AUDIO_SAMPLE_CACHE_H_
#define CONSORT_NODE_TRAINER_AUDIO_SAMPLE_CACHE_H_

#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace consort::trainer {

// Holds whole recordings as 16-bit mono at one rate; the least recently used go first. A recording too long
// to be worth its room is read excerpt by excerpt instead. Not thread-safe.
class SampleCache {
 public:
  static constexpr uint64_t kDefaultBytes = 512 << 20;

  // A recording may take an eighth of `capacity_bytes`.
  explicit SampleCache(int rate_hz, uint64_t capacity_bytes = kDefaultBytes);

  // Reads `samples` samples from `begin` on, of a recording that has `total` samples at the cache's rate.
  // Shorter where the recording ends. Errors: as ReadExcerpt.
  absl::StatusOr<std::vector<float>> Read(const std::string& path, int64_t total, int64_t begin,
                                          int64_t samples);

  uint64_t bytes() const { return bytes_; }

 private:
  struct Entry {
    std::vector<int16_t> audio;
    std::list<std::string>::iterator age;
  };
  absl::StatusOr<const std::vector<int16_t>*> Whole(const std::string& path, int64_t total);

  int rate_hz_;
  uint64_t capacity_bytes_;
  uint64_t bytes_ = 0;
  std::map<std::string, Entry> entries_;  // by path
  std::list<std::string> ages_;           // paths, most recently used first
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_AUDIO_SAMPLE_CACHE_H_
