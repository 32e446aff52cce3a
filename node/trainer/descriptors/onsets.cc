#include "node/trainer/descriptors/onsets.h"

#include <algorithm>
#include <cmath>

namespace consort::trainer {
namespace {

constexpr int64_t kPeakFrames = 3;  // on either side
constexpr int64_t kMeanFramesBefore = 10;
constexpr int64_t kLevelFramesAfter = 10;  // a window and a half: a note has arrived by then
const float kFadePerFrame = static_cast<float>(std::pow(0.5, kOnsetFrameSeconds));

}  // namespace

OnsetStrength SpectralFlux::Add(absl::Span<const float> band_powers) {
  OnsetStrength strength;
  const size_t bands = previous_.size();
  float left = 0;  // the amplitude before of the band to the left
  for (size_t band = 0; band < bands; ++band) {
    const float before = previous_[band];
    const float right = band + 1 < bands ? previous_[band + 1] : 0;
    const float amplitude = std::sqrt(band_powers[band]);
    strength.rise += std::max(0.0f, amplitude - std::max({left, before, right}));
    strength.level += amplitude;
    left = before;
    previous_[band] = amplitude;
  }
  return strength;
}

void OnsetPicker::Add(const OnsetStrength& strength) {
  peak_level_ = std::max(strength.level, peak_level_ * kFadePerFrame);
  recent_.push_back({strength.rise, peak_level_});
}

void OnsetPicker::Take(bool at_end, std::vector<int64_t>& onsets) {
  const int64_t end = first_ + static_cast<int64_t>(recent_.size());
  const int64_t lookahead = kPeakFrames + kLevelFramesAfter;
  for (; next_ < (at_end ? end : end - lookahead); ++next_) {
    if (IsOnset(next_)) onsets.push_back(next_);
  }
  while (first_ + kMeanFramesBefore < next_) {
    recent_.pop_front();
    ++first_;
  }
}

double OnsetPicker::RelativeRise(int64_t frame) const {
  const int64_t last = static_cast<int64_t>(recent_.size()) - 1;
  const float level = recent_[std::min(frame - first_ + kLevelFramesAfter, last)].level;
  return recent_[frame - first_].rise / std::max<double>(level, kQuietestLevel);
}

bool OnsetPicker::IsOnset(int64_t frame) const {
  const int64_t end = first_ + static_cast<int64_t>(recent_.size());
  const double rise = RelativeRise(frame);
  if (rise < kOnsetThreshold) return false;
  double sum = 0;
  const int64_t from = std::max(first_, frame - kMeanFramesBefore);
  const int64_t to = std::min(end - 1, frame + kPeakFrames);
  for (int64_t other = from; other <= to; ++other) {
    const double other_rise = RelativeRise(other);
    sum += other_rise;
    if (other < frame - kPeakFrames || other == frame) continue;
    // Of equal peaks the first is taken.
    if (other < frame ? other_rise >= rise : other_rise > rise) return false;
  }
  return rise >= sum / static_cast<double>(to - from + 1) + kOnsetThreshold;
}

}  // namespace consort::trainer
