// Recordings in memory, for tests of families.
#ifndef CONSORT_TESTS_NODE_TRAINER_FAMILIES_SOUND_REPERTOIRE_H_
#define CONSORT_TESTS_NODE_TRAINER_FAMILIES_SOUND_REPERTOIRE_H_

#include <algorithm>
#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "node/trainer/families/family.h"

namespace consort::trainer::testing {

class SoundRepertoire final : public Repertoire {
 public:
  void Add(std::string tradition, std::vector<float> audio, std::string identity = {}) {
    entries_.push_back(
        {std::move(tradition), static_cast<int64_t>(audio.size()), /*share=*/1, std::move(identity)});
    recordings_.push_back(std::move(audio));
  }

  const std::vector<Entry>& entries() const override { return entries_; }
  void Heard(size_t, uint64_t) override {}
  absl::StatusOr<std::vector<float>> Read(size_t entry, int64_t begin, int64_t samples) override {
    ++reads_;
    const std::vector<float>& audio = recordings_.at(entry);
    const int64_t end = std::min(begin + samples, static_cast<int64_t>(audio.size()));
    return std::vector<float>(audio.begin() + begin, audio.begin() + end);
  }
  int reads() const { return reads_; }

 private:
  std::atomic<int> reads_ = 0;
  std::vector<Entry> entries_;
  std::vector<std::vector<float>> recordings_;
};

}  // namespace consort::trainer::testing

#endif  // CONSORT_TESTS_NODE_TRAINER_FAMILIES_SOUND_REPERTOIRE_H_
