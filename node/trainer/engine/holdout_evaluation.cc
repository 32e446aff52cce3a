#include "node/trainer/engine/holdout_evaluation.h"

#include <spdlog/spdlog.h>

#include <utility>
#include <vector>

#include "common/crypto/random.h"
#include "common/measure/primary_measure.h"
#include "common/random/seeded_random.h"
#include "common/status/macros.h"
#include "node/trainer/engine/yardstick.h"
#include "node/trainer/evaluation/reconstruction_score.h"
#include "node/trainer/evaluation/recording_measures.h"
#include "node/trainer/evaluation/scored_excerpt.h"

namespace consort::trainer {
namespace {

constexpr int kFilesAnExample = 3;       // original, before, after
constexpr uint64_t kResamplingSeed = 1;  // of a distance that resamples: the same set gives the same value

using Groups = std::map<std::string, std::vector<const Recording*>>;

Groups ByTradition(const std::vector<const Recording*>& recordings, size_t cap) {
  Groups groups;
  for (const Recording* recording : recordings) {
    std::vector<const Recording*>& group = groups[recording->tradition];
    if (group.size() < cap) group.push_back(recording);
  }
  return groups;
}

// Scores the recordings of one tradition and keeps the books on it.
class Scorer {
 public:
  Scorer(const Evaluation& evaluation, ScoreCache& cache, Yardstick& yardstick)
      : evaluation_(evaluation),
        facts_(evaluation.terms.family->facts()),
        cache_(cache),
        yardstick_(yardstick),
        measures_(facts_.sample_rate_hz) {}

  absl::Status Score(const Recording& recording) {
    const RoundMaterial& material = evaluation_.holdout;
    uses_.push_back({recording.id, 1});
    const auto read = [&](int64_t begin, int64_t samples) {
      return material.collection.Read(recording, material.purpose, begin, samples);
    };
    ASSIGN_OR_RETURN(const std::vector<float> audio,
                     ReadScoredExcerpt(recording.samples, facts_.sample_rate_hz, read));
    if (audio.empty()) {
      spdlog::warn("a holdout recording is left out: silent, recording {}", recording.id);
      return absl::OkStatus();
    }
    const int number = static_cast<int>(pairs_.size()) + 1;
    const bool listen =
        evaluation_.listening != nullptr && facts_.makes_audio && number <= kListeningExamples;
    ASSIGN_OR_RETURN(const RecordingScore before,
                     ScoreBefore(recording, audio, /*with_audio=*/listen || evaluation_.complete));
    ASSIGN_OR_RETURN(const RecordingScore after,
                     ScoreRecording(evaluation_.models.after, facts_, audio, recording.tradition));
    if (listen) Write(recording.tradition, number, {audio, before.audio, after.audio});
    v1::ScorePair& pair = pairs_.emplace_back();
    pair.set_before(before.score);
    pair.set_after(after.score);
    RETURN_IF_ERROR(ScorePersonal(recording, audio));
    return evaluation_.complete ? Measure(recording, audio, before, after) : absl::OkStatus();
  }

  // Each list in an order of its own that only the operating system knows: a score must not tell which
  // recording it belongs to.
  absl::StatusOr<v1::TraditionScores> Finish(const std::string& tradition, SeededRandom& order) {
    v1::TraditionScores scores;
    scores.set_tradition(tradition);
    order.Shuffle(pairs_);
    scores.mutable_pairs()->Assign(pairs_.begin(), pairs_.end());
    order.Shuffle(yardstick_scores_);
    scores.mutable_yardstick()->Assign(yardstick_scores_.begin(), yardstick_scores_.end());
    order.Shuffle(personal_scores_);
    scores.mutable_personal()->Assign(personal_scores_.begin(), personal_scores_.end());
    ASSIGN_OR_RETURN(std::vector<v1::MeasureScores> measures, std::move(measures_).Finish(kResamplingSeed));
    for (v1::MeasureScores& measure : measures) {
      std::vector<v1::ScorePair> pairs(measure.pairs().begin(), measure.pairs().end());
      order.Shuffle(pairs);
      measure.mutable_pairs()->Assign(pairs.begin(), pairs.end());
      *scores.add_measures() = std::move(measure);
    }
    return scores;
  }

  bool scored_any() const { return !pairs_.empty(); }
  const std::vector<RecordingUse>& uses() const { return uses_; }
  uint32_t listening_files() const { return listening_files_; }

 private:
  absl::StatusOr<RecordingScore> ScoreBefore(const Recording& recording, const std::vector<float>& audio,
                                             bool with_audio) {
    const std::string& key = evaluation_.models.before_key;
    const double* known = cache_.Find(key, recording.id);
    if (known != nullptr && !with_audio) return RecordingScore{{}, *known};
    ASSIGN_OR_RETURN(RecordingScore before,
                     ScoreRecording(evaluation_.models.before, facts_, audio, recording.tradition));
    cache_.Insert(key, recording.id, before.score);
    return before;
  }

  absl::Status ScorePersonal(const Recording& recording, const std::vector<float>& audio) {
    if (evaluation_.models.personal == nullptr) return absl::OkStatus();
    ASSIGN_OR_RETURN(const RecordingScore scored,
                     ScoreRecording(*evaluation_.models.personal, facts_, audio, recording.tradition));
    personal_scores_.push_back(scored.score);
    return absl::OkStatus();
  }

  absl::Status Measure(const Recording& recording, const std::vector<float>& audio,
                       const RecordingScore& before, const RecordingScore& after) {
    if (facts_.makes_audio) {
      RETURN_IF_ERROR(measures_.AddReconstruction(audio, before.audio, after.audio));
    }
    if (facts_.classifies) {
      ASSIGN_OR_RETURN(const std::vector<double> first, evaluation_.models.before.Classify(audio));
      ASSIGN_OR_RETURN(const std::vector<double> second, evaluation_.models.after.Classify(audio));
      measures_.AddPrediction(evaluation_.models.after.classes(), first, second);
    }
    if (PrimaryMeasure(facts_.name) != kSpectralDistanceMeasure) return absl::OkStatus();
    ASSIGN_OR_RETURN(const std::vector<double> scores, yardstick_.Score(recording.tradition, audio));
    yardstick_scores_.insert(yardstick_scores_.end(), scores.begin(), scores.end());
    return absl::OkStatus();
  }

  // Nobody's round fails because a disk for listening is full.
  void Write(const std::string& tradition, int number, const ListeningFolder::Example& example) {
    const absl::Status written =
        evaluation_.listening->Write(tradition, number, example, facts_.sample_rate_hz);
    if (written.ok()) {
      listening_files_ += kFilesAnExample;
    } else {
      spdlog::warn("listening files were not written: {}", std::string(written.message()));
    }
  }

  const Evaluation& evaluation_;
  const ArchitectureFacts& facts_;
  ScoreCache& cache_;
  Yardstick& yardstick_;
  RecordingMeasures measures_;
  std::vector<v1::ScorePair> pairs_;
  std::vector<double> yardstick_scores_;
  std::vector<double> personal_scores_;
  std::vector<RecordingUse> uses_;
  uint32_t listening_files_ = 0;
};

class HoldoutEvaluation {
 public:
  HoldoutEvaluation(const Evaluation& evaluation, ScoreCache& cache,
                    const std::function<void(const v1::TrainProgress&)>& progress,
                    const std::atomic<bool>& stop)
      : evaluation_(evaluation),
        cache_(cache),
        progress_(progress),
        stop_(stop),
        yardstick_(evaluation.training, evaluation.terms.family->facts().sample_rate_hz),
        order_(SeedFrom({RandomBytes(32)})) {}

  absl::StatusOr<v1::EvaluateResult> Run() {
    const Groups groups =
        ByTradition(evaluation_.holdout.recordings, evaluation_.terms.recordings_per_tradition);
    for (const auto& [tradition, recordings] : groups) {
      state_.set_steps_total(state_.steps_total() + static_cast<uint32_t>(recordings.size()));
    }
    v1::EvaluateResult result;
    result.set_measure(std::string(PrimaryMeasure(evaluation_.terms.family->facts().name)));
    for (const auto& [tradition, recordings] : groups) {
      Scorer scorer(evaluation_, cache_, yardstick_);
      const absl::Status scored = ScoreAll(recordings, scorer);
      uses_.insert(uses_.end(), scorer.uses().begin(), scorer.uses().end());
      RETURN_IF_ERROR(scored);
      if (!scorer.scored_any()) continue;
      ASSIGN_OR_RETURN(*result.add_scores(), scorer.Finish(tradition, order_));
      result.set_listening_files(result.listening_files() + scorer.listening_files());
    }
    return result;
  }

  // Writes down what was heard, also before a failure.
  absl::Status LogUses() const {
    const RoundMaterial& material = evaluation_.holdout;
    RETURN_IF_ERROR(material.use_log.Append(material.round_id, "evaluate", uses_));
    if (yardstick_.uses().empty()) return absl::OkStatus();
    return material.use_log.Append(material.round_id, "yardstick", yardstick_.uses());
  }

 private:
  absl::Status ScoreAll(const std::vector<const Recording*>& recordings, Scorer& scorer) {
    for (const Recording* recording : recordings) {
      if (stop_) return absl::CancelledError("evaluation was stopped");
      RETURN_IF_ERROR(scorer.Score(*recording));
      state_.set_steps_done(state_.steps_done() + 1);
      progress_(state_);
    }
    return absl::OkStatus();
  }

  const Evaluation& evaluation_;
  ScoreCache& cache_;
  const std::function<void(const v1::TrainProgress&)>& progress_;
  const std::atomic<bool>& stop_;
  Yardstick yardstick_;
  SeededRandom order_;
  v1::TrainProgress state_;
  std::vector<RecordingUse> uses_;
};

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
    const Evaluation& evaluation, ScoreCache& cache,
    const std::function<void(const v1::TrainProgress&)>& progress, const std::atomic<bool>& stop) {
  HoldoutEvaluation run(evaluation, cache, progress, stop);
  absl::StatusOr<v1::EvaluateResult> result = run.Run();
  RETURN_IF_ERROR(run.LogUses());
  return result;
}

}  // namespace consort::trainer
