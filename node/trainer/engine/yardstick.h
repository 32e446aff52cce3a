// What a model must beat on a tradition: its holdout recordings said again with pieces of its training
// recordings.
#ifndef CONSORT_NODE_TRAINER_ENGINE_YARDSTICK_H_
#define CONSORT_NODE_TRAINER_ENGINE_YARDSTICK_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "node/trainer/collection/use_log.h"
#include "node/trainer/engine/round_material.h"
#include "node/trainer/families/unit_library.h"

namespace consort::trainer {

// Of each tradition so much is taken in, the beginnings of its training recordings in turn.
inline constexpr double kYardstickSeconds = 1200;

// The yardstick of families/concatenation.h over the training recordings of an archive. A tradition's library
// is made when it is first asked for. `training`: borrowed. Not thread-safe.
class Yardstick {
 public:
  Yardstick(const RoundMaterial& training, int sample_rate_hz)
      : training_(training), sample_rate_hz_(sample_rate_hz) {}

  // The multi-scale STFT distance of `audio`, mono, and its resynthesis, rounded to 4 decimals; nothing where
  // the tradition has no training recording. Errors: those of Collection::Read and YardstickReconstruction.
  absl::StatusOr<std::vector<double>> Score(const std::string& tradition, absl::Span<const float> audio);

  // The training recordings that were heard so far, once each.
  const std::vector<RecordingUse>& uses() const { return uses_; }

 private:
  absl::StatusOr<UnitLibrary> MakeLibrary(const std::string& tradition);

  const RoundMaterial& training_;
  int sample_rate_hz_;
  std::map<std::string, UnitLibrary> libraries_;
  std::vector<RecordingUse> uses_;
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_ENGINE_YARDSTICK_H_
