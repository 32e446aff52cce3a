#include "node/trainer/evaluation/reconstruction_score.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "common/measure/primary_measure.h"
#include "common/status/macros.h"
#include "node/trainer/measures/reconstruction_measures.h"
#include "node/trainer/models/spectral_distance.h"

namespace consort::trainer {
namespace {

absl::StatusOr<double> LogLoss(FamilyModel& model, absl::Span<const float> audio,
                               absl::string_view tradition) {
  const std::vector<std::string>& classes = model.classes();
  const auto truth = std::find(classes.begin(), classes.end(), tradition);
  if (truth == classes.end()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "unknown-tradition: the model knows no class of this recording's tradition; name it in the job: ",
        tradition));
  }
  ASSIGN_OR_RETURN(const std::vector<double> probabilities, model.Classify(audio));
  return std::min(-std::log(probabilities[truth - classes.begin()]), kMaxLogLoss);
}

}  // namespace

Stretch ScoredStretch(int64_t recording_samples, int sample_rate_hz) {
  const int64_t samples = std::min(recording_samples, static_cast<int64_t>(kScoredSeconds * sample_rate_hz));
  return {(recording_samples - samples) / 2, samples};
}

absl::StatusOr<RecordingScore> ScoreRecording(FamilyModel& model, const ArchitectureFacts& facts,
                                              absl::Span<const float> audio, absl::string_view tradition) {
  const absl::string_view measure = PrimaryMeasure(facts.name);
  RecordingScore result;
  if (facts.makes_audio) {
    ASSIGN_OR_RETURN(result.audio, model.Reconstruct(audio));
  }
  if (measure == kLogLossMeasure) {
    ASSIGN_OR_RETURN(result.score, LogLoss(model, audio, tradition));
  } else if (measure == kLogMelDistanceMeasure) {
    ASSIGN_OR_RETURN(result.score, LogMelDistance(audio, result.audio, facts.sample_rate_hz));
  } else {
    ASSIGN_OR_RETURN(result.score, SpectralDistance(audio, result.audio));
  }
  if (!std::isfinite(result.score))
    return absl::OutOfRangeError("not-finite: a recording has no finite score");
  result.score = std::round(result.score * 1e4) / 1e4;
  return result;
}

}  // namespace consort::trainer
