// The descriptors of a stretch of sound or of a sound file, in one call.
#ifndef CONSORT_NODE_TRAINER_DESCRIPTORS_DESCRIBE_H_
#define CONSORT_NODE_TRAINER_DESCRIPTORS_DESCRIBE_H_

#include <atomic>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "node/trainer/descriptors/descriptor_summary.h"
#include "node/trainer/descriptors/descriptor_track.h"

namespace consort::trainer {

struct Description {
  DescriptorTrack track;
  DescriptorSummary summary;
};

// `audio`: mono, full scale = 1. Memory grows with it: for excerpts.
// Errors: InvalidArgument "empty", "not-finite" or "unsupported-rate".
absl::StatusOr<Description> Describe(absl::Span<const float> audio, int sample_rate_hz);

// Describes the mono mix of a whole sound file at its own rate, block by block; memory does not grow with its
// length. `stop` is looked at once a block. Errors: Cancelled; else as AudioFile.
absl::StatusOr<DescriptorSummary> DescribeRecording(const std::string& path, const std::atomic<bool>& stop);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_DESCRIPTORS_DESCRIBE_H_
