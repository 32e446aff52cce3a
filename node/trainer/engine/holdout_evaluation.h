// Scores two states of a job's model on an archive's holdout recordings.
#ifndef CONSORT_NODE_TRAINER_ENGINE_HOLDOUT_EVALUATION_H_
#define CONSORT_NODE_TRAINER_ENGINE_HOLDOUT_EVALUATION_H_

#include <atomic>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "consort/v1/trainer.pb.h"
#include "node/trainer/engine/job_terms.h"
#include "node/trainer/engine/round_material.h"
#include "node/trainer/evaluation/listening_folder.h"

namespace consort::trainer {

// Scores that were computed before: the state a job starts from is scored again after every round otherwise.
class ScoreCache {
 public:
  // `model`: digest of base and state. Null if unknown.
  const double* Find(const std::string& model, const std::string& recording_id) const;
  void Insert(const std::string& model, const std::string& recording_id, double score);

 private:
  static constexpr size_t kMaxScores = 100000;  // then it starts over
  std::map<std::pair<std::string, std::string>, double> scores_;
};

// Two states of a job's model, and the archive's own copy. Borrowed.
struct EvaluationModels {
  FamilyModel& before;
  FamilyModel& after;
  FamilyModel* personal = nullptr;  // null: the archive has none
  std::string before_key;           // of what `before` was made from: names its scores in the cache
};

// Of each tradition so many recordings are written for listening.
inline constexpr int kListeningExamples = 3;

// What an evaluation is about. Borrowed.
struct Evaluation {
  const RoundMaterial& holdout;
  const RoundMaterial& training;  // what the yardstick is made of
  const JobTerms& terms;
  const EvaluationModels& models;
  bool complete = false;                 // with every measure and the yardstick, as after the last round
  ListeningFolder* listening = nullptr;  // null: no listening files
};

// Scores each holdout recording before, after and under the archive's own copy, at most
// `recordings_per_tradition` of a tradition, in an order within each tradition that nobody can foretell,
// other in each list, and logs which were heard (also when it fails). A recording that is silent wherever it
// is heard is left out. Listening files that cannot be written are logged and not counted. Errors: Cancelled;
// those of Collection::Read, ScoreRecording, RecordingMeasures, Yardstick and UseLog::Append.
absl::StatusOr<v1::EvaluateResult> EvaluateHoldout(
    const Evaluation& evaluation, ScoreCache& cache,
    const std::function<void(const v1::TrainProgress&)>& progress, const std::atomic<bool>& stop);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_ENGINE_HOLDOUT_EVALUATION_H_
