#include "node/trainer/engine/holdout_evaluation.h"

#include <spdlog/spdlog.h>

#include <vector>

#include "common/crypto/random.h"
#include "common/measure/primary_measure.h"
#include "common/random/seeded_random.h"
#include "common/status/macros.h"
#include "node/trainer/evaluation/reconstruction_score.h"

namespace consort::trainer {
namespace {

constexpr int kFilesAnExample = 3;  // original, before, after

using Groups = std::map<std::string, std::vector<const Recording*>>;

Groups ByTradition(const std::vector<const Recording*>& recordings, size_t cap) {
  Groups groups;
  for (const Recording* recording : recordings) {
    std::vector<const Recording*>& group = groups[recording->tradition];
    if (group.size() < cap) group.push_back(recording);
  }
  return groups;
}

// Scores recordings one by one and keeps the books on it.
class Scorer {
 public:
  Scorer(const RoundMaterial& material, const ArchitectureFacts& facts, const EvaluationModels& models, ScoreCache& cache,
         const ListeningFolder* listening)
      : material_(material), facts_(facts), models_(models), cache_(cache), listening_(listening) {}

  // `number`: the recording's in its tradition, from 1.
  absl::StatusOr<v1::ScorePair> Score(const Recording& recording, int number) {
    const Stretch stretch = ScoredStretch(recording.samples, facts_.sample_rate_hz);
    uses_.push_back({recording.id, 1});
    ASSIGN_OR_RETURN(const std::vector<float> audio,
                     material_.collection.Read(recording, material_.purpose, stretch.begin, stretch.samples));
    const bool listen = listening_ != nullptr && facts_.makes_audio && number <= kListeningExamples;
    const double* known = cache_.Find(models_.before_key, recording.id);
    RecordingScore before;
    if (known != nullptr && !listen) {
      before.score = *known;
    } else {
      ASSIGN_OR_RETURN(before, ScoreRecording(models_.before, facts_, audio, recording.tradition));
      cache_.Insert(models_.before_key, recording.id, before.score);
    }
    ASSIGN_OR_RETURN(const RecordingScore after,
                     ScoreRecording(models_.after, facts_, audio, recording.tradition));
    if (listen) Write(recording.tradition, number, {audio, before.audio, after.audio});
    v1::ScorePair pair;
    pair.set_before(before.score);
    pair.set_after(after.score);
    return pair;
  }

  const std::vector<RecordingUse>& uses() const { return uses_; }
  uint32_t listening_files() const { return listening_files_; }
  const ArchitectureFacts& facts() const { return facts_; }

 private:
  // Nobody's round fails because a disk for listening is full.
  void Write(const std::string& tradition, int number, const ListeningFolder::Example& example) {
    const absl::Status written = listening_->Write(tradition, number, example, facts_.sample_rate_hz);
    if (written.ok()) {
      listening_files_ += kFilesAnExample;
    } else {
      spdlog::warn("listening files were not written: {}", std::string(written.message()));
    }
  }

  const RoundMaterial& material_;
  const ArchitectureFacts& facts_;
  const EvaluationModels& models_;
  ScoreCache& cache_;
  const ListeningFolder* listening_;
  std::vector<RecordingUse> uses_;
  uint32_t listening_files_ = 0;
};

absl::StatusOr<v1::EvaluateResult> ScoreGroups(const Groups& groups, Scorer& scorer,
                                               const std::function<void(const v1::TrainProgress&)>& progress,
                                               const std::atomic<bool>& stop) {
  v1::TrainProgress state;
  for (const auto& [tradition, recordings] : groups) {
    state.set_steps_total(state.steps_total() + static_cast<uint32_t>(recordings.size()));
  }
  // From the operating system, not from the job's seed: the order must not tell which recording a score
  // belongs to.
  SeededRandom order(SeedFrom({RandomBytes(32)}));
  v1::EvaluateResult result;
  for (const auto& [tradition, recordings] : groups) {
    std::vector<v1::ScorePair> pairs;
    for (const Recording* recording : recordings) {
      if (stop) return absl::CancelledError("evaluation was stopped");
      ASSIGN_OR_RETURN(pairs.emplace_back(), scorer.Score(*recording, static_cast<int>(pairs.size()) + 1));
      state.set_steps_done(state.steps_done() + 1);
      progress(state);
    }
    order.Shuffle(pairs);
    v1::TraditionScores& group = *result.add_scores();
    group.set_tradition(tradition);
    for (v1::ScorePair& pair : pairs) *group.add_pairs() = pair;
  }
  result.set_listening_files(scorer.listening_files());
  result.set_measure(std::string(PrimaryMeasure(scorer.facts().name)));
  return result;
}

}  // namespace

const double* ScoreCache::Find(const std::string& model, const std::string& recording_id) const {
  const auto found = scores_.find({model, recording_id});
  return found == scores_.end() ? nullptr : &found->second;
}

void ScoreCache::Insert(const std::string& model, const std::string& recording_id, double score) {
  if (scores_.size() >= kMaxScores) scores_.clear();
  scores_[{model, recording_id}] = score;
}

absl::StatusOr<v1::EvaluateResult> EvaluateHoldout(
    const RoundMaterial& material, const JobTerms& terms, const EvaluationModels& models, ScoreCache& cache,
    const ListeningFolder* listening, const std::function<void(const v1::TrainProgress&)>& progress,
    const std::atomic<bool>& stop) {
  Scorer scorer(material, terms.family->facts(), models, cache, listening);
  absl::StatusOr<v1::EvaluateResult> result =
      ScoreGroups(ByTradition(material.recordings, terms.recordings_per_tradition), scorer, progress, stop);
  // What was heard before a failure was used as well.
  RETURN_IF_ERROR(material.use_log.Append(material.round_id, "evaluate", scorer.uses()));
  return result;
}

}  // namespace consort::trainer
