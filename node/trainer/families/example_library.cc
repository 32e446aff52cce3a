#include "node/trainer/families/example_library.h"

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace consort::trainer {

absl::StatusOr<size_t> ExampleLibrary::Add(std::vector<float> audio) {
  const auto samples = static_cast<int64_t>(audio.size());
  if (samples_ + samples > kMostSeconds * sample_rate_hz_) {
    return absl::ResourceExhaustedError(
        absl::StrCat("too-long: examples may be ", kMostSeconds, " s in all; take fewer or shorter ones"));
  }
  ASSIGN_OR_RETURN(const std::vector<PlacedSegment> segments, PlaceSegments(audio, sample_rate_hz_));
  for (const PlacedSegment& segment : segments) {
    units_.push_back({examples_.size(), segment.second, (segment.second + 1) * sample_rate_hz_ <= samples});
    points_.push_back(segment.point);
  }
  samples_ += samples;
  examples_.push_back(std::move(audio));
  return examples_.size() - 1;
}

}  // namespace consort::trainer
