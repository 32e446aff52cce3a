#include "node/trainer/evaluation/scored_excerpt.h"

#include <algorithm>

#include "common/status/macros.h"
#include "node/trainer/evaluation/reconstruction_score.h"
#include "node/trainer/training/window_sampler.h"

namespace consort::trainer {

absl::StatusOr<std::vector<float>> ReadScoredExcerpt(int64_t recording_samples, int sample_rate_hz,
                                                     const ReadStretch& read) {
  const Stretch middle = ScoredStretch(recording_samples, sample_rate_hz);
  if (middle.samples <= 0) return std::vector<float>();
  const int64_t last = recording_samples - middle.samples;  // where a stretch may begin at most
  ASSIGN_OR_RETURN(std::vector<float> audio, read(middle.begin, middle.samples));
  if (!IsSilent(audio)) return audio;
  for (int64_t away = middle.samples; away - middle.samples < middle.begin; away += middle.samples) {
    // Those at the ends reach back into what was heard already.
    for (const int64_t begin :
         {std::min(middle.begin + away, last), std::max<int64_t>(middle.begin - away, 0)}) {
      ASSIGN_OR_RETURN(audio, read(begin, middle.samples));
      if (!IsSilent(audio)) return audio;
    }
  }
  return std::vector<float>();
}

}  // namespace consort::trainer
