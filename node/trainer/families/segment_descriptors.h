// What one second of music is like, in numbers that a musician can read.
#ifndef CONSORT_NODE_TRAINER_FAMILIES_SEGMENT_DESCRIPTORS_H_
#define CONSORT_NODE_TRAINER_FAMILIES_SEGMENT_DESCRIPTORS_H_

#include <array>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "node/trainer/descriptors/descriptor_track.h"

namespace consort::trainer {

// One descriptor of a segment. The range is public and the same everywhere: values are cut to it and scaled
// so that it becomes [-1, 1].
struct SegmentDescriptor {
  const char* name;
  const char* unit;
  const char* meaning;
  double low, high;

  double ToUnit(double scaled) const { return low + (scaled + 1) / 2 * (high - low); }
  double SpreadToUnit(double scaled) const { return scaled / 2 * (high - low); }
};

inline constexpr int kSegmentDescriptors = 23;
inline constexpr int kSegmentFrames = 100;     // of a DescriptorTrack: one second
inline constexpr int kShortestSegment = 30;    // frames, of the last one of a recording
inline constexpr double kSoundingShare = 0.5;  // of a segment's frames; those with less are silence

// Scaled values; NaN where the segment has no such descriptor (no pitch, no vibrato). Loudness always has
// one.
using SegmentPoint = std::array<float, kSegmentDescriptors>;

const std::array<SegmentDescriptor, kSegmentDescriptors>& SegmentDescriptors();

struct PlacedSegment {
  int64_t second = 0;  // where it begins
  SegmentPoint point = {};
};

// Cuts a track into segments of a second and describes those that sound (frames above BS.1770's absolute gate
// of -70 LUFS). `track`: of a whole recording or of a long piece of one.
std::vector<PlacedSegment> PlaceSegments(const DescriptorTrack& track);
// The same without where they are.
std::vector<SegmentPoint> DescribeSegments(const DescriptorTrack& track);

// The same for mono audio, full scale = 1. Silence gives none. Errors: InvalidArgument as Describe.
absl::StatusOr<std::vector<PlacedSegment>> PlaceSegments(absl::Span<const float> audio, int sample_rate_hz);
absl::StatusOr<std::vector<SegmentPoint>> DescribeSegments(absl::Span<const float> audio, int sample_rate_hz);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_FAMILIES_SEGMENT_DESCRIPTORS_H_
