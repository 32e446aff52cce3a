#include "node/trainer/audio/sample_cache.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "common/status/macros.h"
#include "node/trainer/audio/excerpt.h"

namespace consort::trainer {
namespace {

constexpr float kFullScale = 32767;
constexpr uint64_t kLargestShare = 8;  // of the capacity, one recording's

uint64_t BytesOf(uint64_t samples) { return samples * sizeof(int16_t); }

}  // namespace

SampleCache::SampleCache(int rate_hz, uint64_t capacity_bytes)
    : rate_hz_(rate_hz), capacity_bytes_(capacity_bytes) {}

absl::StatusOr<std::vector<float>> SampleCache::Read(const std::string& path, int64_t total, int64_t begin,
                                                     int64_t samples) {
  if (BytesOf(total) > capacity_bytes_ / kLargestShare) return ReadExcerpt(path, rate_hz_, begin, samples);
  ASSIGN_OR_RETURN(const std::vector<int16_t>* whole, Whole(path, total));
  const int64_t end = std::min<int64_t>(begin + samples, whole->size());
  std::vector<float> audio;
  audio.reserve(samples);
  for (int64_t i = begin; i < end; ++i) audio.push_back((*whole)[i] / kFullScale);
  return audio;
}

absl::StatusOr<const std::vector<int16_t>*> SampleCache::Whole(const std::string& path, int64_t total) {
  if (const auto found = entries_.find(path); found != entries_.end()) {
    ages_.splice(ages_.begin(), ages_, found->second.age);
    return &found->second.audio;
  }
  ASSIGN_OR_RETURN(const std::vector<float> decoded, ReadExcerpt(path, rate_hz_, 0, total));
  while (!ages_.empty() && bytes_ + BytesOf(decoded.size()) > capacity_bytes_) {
    const auto oldest = entries_.find(ages_.back());
    bytes_ -= BytesOf(oldest->second.audio.size());
    entries_.erase(oldest);
    ages_.pop_back();
  }
  Entry entry;
  entry.audio.reserve(decoded.size());
  for (float sample : decoded) {
    entry.audio.push_back(static_cast<int16_t>(std::lrint(std::clamp(sample, -1.0f, 1.0f) * kFullScale)));
  }
  bytes_ += BytesOf(entry.audio.size());
  ages_.push_front(path);
  entry.age = ages_.begin();
  return &entries_.emplace(path, std::move(entry)).first->second.audio;
}

}  // namespace consort::trainer
