// Looks through a whole recording once: can it be used, how long and how loud is it, which audio is it.
#ifndef CONSORT_NODE_TRAINER_AUDIO_SURVEY_H_
#define CONSORT_NODE_TRAINER_AUDIO_SURVEY_H_

#include <atomic>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace consort::trainer {

struct SurveyLimits {
  double min_seconds = 0.1;
  double max_seconds = 8 * 3600;
  double silence_lufs = -70;  // EBU R 128's absolute gate: nothing below counts as sound
};

struct RecordingFacts {
  std::string
      audio_digest;  // SHA-256 of rate, channel count and decoded samples, hex: private to the archive
  double seconds = 0;
  int64_t frames = 0;  // decoded, at the file's own rate
  int sample_rate_hz = 0;
  double loudness_lufs = 0;  // integrated loudness of the mono mix (EBU R 128)
};

// Decodes `path` block by block; memory does not grow with its length. `stop` is looked at once a block.
// Errors: Cancelled; else InvalidArgument with a code of RecordingProblem first: "unreadable" (also when the
// data end before the header says), "empty", "silent", "too-short", "too-long", "unsupported-rate"; Internal.
absl::StatusOr<RecordingFacts> SurveyRecording(const std::string& path, const SurveyLimits& limits,
                                               const std::atomic<bool>& stop);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_AUDIO_SURVEY_H_
