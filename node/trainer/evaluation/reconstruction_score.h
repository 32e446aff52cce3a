// Measures how well a model knows a recording.
#ifndef CONSORT_NODE_TRAINER_EVALUATION_RECONSTRUCTION_SCORE_H_
#define CONSORT_NODE_TRAINER_EVALUATION_RECONSTRUCTION_SCORE_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "node/trainer/families/family.h"

namespace consort::trainer {

// At most so much of each holdout recording is scored: enough for several phrases, little enough that a
// round's evaluation takes seconds.
inline constexpr double kScoredSeconds = 10;

// The stretch of a recording that is scored: its middle, where most recordings have no lead-in and no
// applause.
struct Stretch {
  int64_t begin = 0;
  int64_t samples = 0;
};
Stretch ScoredStretch(int64_t recording_samples, int sample_rate_hz);

struct RecordingScore {
  std::vector<float> audio;  // the recording said again; empty for families that make no audio
  double score = 0;          // the family's primary measure, rounded to 4 decimals; lower is better
};

// The primary measure of a family (common/measure) for one recording of `tradition`, without chance: the same
// model and audio give the same score. Log loss is that of the recording's tradition, at most kMaxLogLoss.
// Errors: those of Reconstruct and Classify; InvalidArgument "unknown-tradition: ..." for a tradition that is
// none of the model's classes; OutOfRange "not-finite" if the score is.
absl::StatusOr<RecordingScore> ScoreRecording(FamilyModel& model, const ArchitectureFacts& facts,
                                              absl::Span<const float> audio, absl::string_view tradition);

// A model that is sure and wrong would make every mean infinite.
inline constexpr double kMaxLogLoss = 20;

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_EVALUATION_RECONSTRUCTION_SCORE_H_
