// Keeps decoded stretches of recordings in memory, within a bound, so that training does not decode them
// again for each window.
#ifndef CONSORT_NODE_TRAINER_AUDIO_SAMPLE_CACHE_H_
#define CONSORT_NODE_TRAINER_AUDIO_SAMPLE_CACHE_H_

#include <array>
#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/sync/mutex.h"

namespace consort::trainer {

// Holds stretches of kStretchSamples as 16-bit mono at one rate; the least recently used go first. What is
// read does not depend on what is held: a training that goes on after a restart hears the same bits, and what
// was held of a file that has changed is forgotten.
// Thread-safe: one reads, the others wait.
class SampleCache {
 public:
  static constexpr uint64_t kDefaultBytes = 512 << 20;
  // 3 s at 44.1 kHz: the first window of a recording must not wait for all of it.
  static constexpr int64_t kStretchSamples = 1 << 17;
  // Who asks for more at once reads a recording through, and would only push others out: it is read from the
  // file and not held.
  static constexpr int64_t kMostSamples = 8 * kStretchSamples;

  explicit SampleCache(int rate_hz, uint64_t capacity_bytes = kDefaultBytes);

  // Reads `samples` samples from `begin` on, of a recording that has `total` samples at the cache's rate.
  // Shorter where the recording ends. Errors: as ReadExcerpt.
  absl::StatusOr<std::vector<float>> Read(const std::string& path, int64_t total, int64_t begin,
                                          int64_t samples);

  uint64_t bytes() const {
    MutexLock lock(mutex_);
    return bytes_;
  }

 private:
  using Key = std::pair<std::string, int64_t>;  // path, number of the stretch
  // Of a file: size, seconds and nanoseconds of its last change; zero if it cannot be looked at.
  using Facts = std::array<int64_t, 3>;
  struct Entry {
    std::vector<int16_t> audio;
    std::list<Key>::iterator age;
  };
  absl::StatusOr<const std::vector<int16_t>*> Stretch(const std::string& path, int64_t total, int64_t number)
      CONSORT_REQUIRES(mutex_);
  void ForgetIfChanged(const std::string& path) CONSORT_REQUIRES(mutex_);
  void Forget(std::map<Key, Entry>::iterator entry) CONSORT_REQUIRES(mutex_);
  void MakeRoomFor(size_t samples) CONSORT_REQUIRES(mutex_);

  const int rate_hz_;
  const uint64_t capacity_bytes_;
  mutable Mutex mutex_;
  uint64_t bytes_ CONSORT_GUARDED_BY(mutex_) = 0;
  std::map<Key, Entry> entries_ CONSORT_GUARDED_BY(mutex_);
  std::map<std::string, Facts> files_ CONSORT_GUARDED_BY(mutex_);  // of all that stretches were held of
  std::list<Key> ages_ CONSORT_GUARDED_BY(mutex_);  // most recently used first
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_AUDIO_SAMPLE_CACHE_H_
