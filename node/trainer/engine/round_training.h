// One archive's training in one round, from its recordings to the values of its update.
#ifndef CONSORT_NODE_TRAINER_ENGINE_ROUND_TRAINING_H_
#define CONSORT_NODE_TRAINER_ENGINE_ROUND_TRAINING_H_

#include <atomic>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "consort/v1/trainer.pb.h"
#include "node/trainer/engine/job_terms.h"
#include "node/trainer/engine/personal_copy.h"
#include "node/trainer/engine/round_material.h"

namespace consort::trainer {

// How a round's training is watched, kept and handed on.
struct RoundHooks {
  std::function<void(const v1::TrainProgress&)> progress;
  std::function<absl::Status(absl::Span<const float>)> values;  // deltas in manifest order, then statistics
  const std::atomic<bool>& stop;
  const CheckpointFile* checkpoint = nullptr;  // removed when the values have been handed on
  std::string local_prefix;   // of the files that hold what the model keeps between rounds of the job
  std::string use = "train";  // what the use log says that recordings were heard for
  const PersonalTraining* personal = nullptr;  // the archive's own copy; null: the job has none
};

// Trains `model` in place on at least one recording, then the archive's own copy where the job has them, logs
// which recordings were heard (also when training fails), and hands the values on in blocks of at most 1 MiB.
// Progress counts the steps of both. Errors: those of FamilyModel::Fit, Collection::Read, UseLog::Append,
// WriteFileDurably, TrainPersonalCopy and `hooks.values`.
absl::StatusOr<v1::TrainResult> TrainRound(const RoundMaterial& material, FamilyModel& model,
                                           const JobTerms& terms, const FitTerms& fit,
                                           const RoundHooks& hooks);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_ENGINE_ROUND_TRAINING_H_
