#include "node/trainer/audio/sample_cache.h"

#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "common/status/macros.h"
#include "node/trainer/audio/excerpt.h"

namespace consort::trainer {
namespace {

constexpr float kFullScale = 32767;

uint64_t BytesOf(size_t samples) { return samples * sizeof(int16_t); }

}  // namespace

SampleCache::SampleCache(int rate_hz, uint64_t capacity_bytes)
    : rate_hz_(rate_hz), capacity_bytes_(capacity_bytes) {}

absl::StatusOr<std::vector<float>> SampleCache::Read(const std::string& path, int64_t total, int64_t begin,
                                                     int64_t samples) {
  if (samples > kMostSamples) return ReadExcerpt(path, rate_hz_, begin, samples);
  MutexLock lock(mutex_);
  ForgetIfChanged(path);
  const int64_t end = std::min(begin + samples, total);
  std::vector<float> audio;
  audio.reserve(samples);
  for (int64_t next = begin; next < end;) {
    ASSIGN_OR_RETURN(const std::vector<int16_t>* stretch, Stretch(path, total, next / kStretchSamples));
    const int64_t from = next % kStretchSamples;
    const int64_t to = std::min<int64_t>(from + end - next, stretch->size());
    if (to <= from) break;  // the file has become shorter
    for (int64_t i = from; i < to; ++i) audio.push_back((*stretch)[i] / kFullScale);
    next += to - from;
  }
  return audio;
}

absl::StatusOr<const std::vector<int16_t>*> SampleCache::Stretch(const std::string& path, int64_t total,
                                                                 int64_t number) {
  const Key key = {path, number};
  if (const auto found = entries_.find(key); found != entries_.end()) {
    ages_.splice(ages_.begin(), ages_, found->second.age);
    return &found->second.audio;
  }
  const int64_t begin = number * kStretchSamples;
  ASSIGN_OR_RETURN(const std::vector<float> decoded,
                   ReadExcerpt(path, rate_hz_, begin, std::min(kStretchSamples, total - begin)));
  MakeRoomFor(decoded.size());
  Entry entry;
  entry.audio.reserve(decoded.size());
  for (const float sample : decoded) {
    entry.audio.push_back(static_cast<int16_t>(std::lrint(std::clamp(sample, -1.0f, 1.0f) * kFullScale)));
  }
  bytes_ += BytesOf(entry.audio.size());
  ages_.push_front(key);
  entry.age = ages_.begin();
  return &entries_.emplace(key, std::move(entry)).first->second.audio;
}

void SampleCache::ForgetIfChanged(const std::string& path) {
  struct stat found = {};
  const bool looked = stat(path.c_str(), &found) == 0;
  const Facts facts = looked ? Facts{found.st_size, found.st_mtim.tv_sec, found.st_mtim.tv_nsec} : Facts{};
  Facts& known = files_[path];
  if (known == facts) return;
  known = facts;
  for (auto next = entries_.lower_bound({path, 0}); next != entries_.end() && next->first.first == path;) {
    Forget(next++);
  }
}

void SampleCache::Forget(std::map<Key, Entry>::iterator entry) {
  bytes_ -= BytesOf(entry->second.audio.size());
  ages_.erase(entry->second.age);
  entries_.erase(entry);
}

void SampleCache::MakeRoomFor(size_t samples) {
  while (!ages_.empty() && bytes_ + BytesOf(samples) > capacity_bytes_) Forget(entries_.find(ages_.back()));
}

}  // namespace consort::trainer
