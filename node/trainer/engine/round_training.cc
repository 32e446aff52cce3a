#include "node/trainer/engine/round_training.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "common/artifact/durable_file.h"
#include "common/status/macros.h"
#include "node/trainer/engine/collection_repertoire.h"
#include "node/trainer/engine/supply.h"
#include "node/trainer/evaluation/reconstruction_score.h"
#include "node/trainer/training/window_sampler.h"

namespace consort::trainer {
namespace {

constexpr size_t kValuesBlock = 256 * 1024;  // 1 MiB, the largest message of the service

absl::Status HandOn(absl::Span<const float> values, const RoundHooks& hooks) {
  for (size_t begin = 0; begin < values.size(); begin += kValuesBlock) {
    RETURN_IF_ERROR(hooks.values(values.subspan(begin, kValuesBlock)));
  }
  return absl::OkStatus();
}

struct MeanLoss {
  double loss = 0;
  uint32_t windows = 0;
};

// The mean of the family's measure over kLossWindows windows of a tradition, drawn as for training. Silent
// ones do not count: relative to silence every error is immense.
absl::StatusOr<MeanLoss> LossOf(CollectionRepertoire& repertoire, const std::vector<size_t>& entries,
                                FamilyModel& model, const JobTerms& terms, uint64_t seed) {
  std::vector<int64_t> lengths;
  for (const size_t entry : entries) lengths.push_back(repertoire.entries()[entry].samples);
  WindowSampler sampler(
      lengths, terms.fit.window_samples, seed,
      [&](size_t i, int64_t begin, int64_t samples) { return repertoire.Read(entries[i], begin, samples); });
  MeanLoss mean;
  for (int i = 0; i < kLossWindows; ++i) {
    ASSIGN_OR_RETURN(const Batch batch, sampler.Draw(1));
    const absl::Span<const float> audio = absl::MakeConstSpan(batch.audio).first(batch.valid[0]);
    if (IsSilent(audio)) continue;
    ASSIGN_OR_RETURN(
        const RecordingScore scored,
        ScoreRecording(model, terms.family->facts(), audio, repertoire.entries()[entries.front()].tradition));
    mean.loss += scored.score;
    ++mean.windows;
  }
  for (size_t i = 0; i < entries.size(); ++i) repertoire.Heard(entries[i], sampler.windows()[i]);
  if (mean.windows > 0) mean.loss /= mean.windows;
  return mean;
}

absl::Status AddLosses(CollectionRepertoire& repertoire, FamilyModel& model, const JobTerms& terms,
                       const FitTerms& fit, v1::TrainResult& result) {
  std::map<std::string, std::vector<size_t>> traditions;
  for (size_t i = 0; i < repertoire.entries().size(); ++i) {
    traditions[repertoire.entries()[i].tradition].push_back(i);
  }
  for (const auto& [tradition, entries] : traditions) {
    ASSIGN_OR_RETURN(const MeanLoss mean, LossOf(repertoire, entries, model, terms, fit.windows_seed));
    if (mean.windows == 0) continue;
    v1::TraditionLoss& one = *result.add_losses();
    one.set_tradition(tradition);
    one.set_loss(std::round(mean.loss * 1e4) / 1e4);
    one.set_windows(mean.windows);
  }
  return absl::OkStatus();
}

// What a model keeps between rounds lies in one file a round, so that a round that is trained again starts
// from what it started from the first time.
class LocalFiles {
 public:
  LocalFiles(const std::string& prefix, uint32_t round) : prefix_(prefix), round_(round) {
    for (uint32_t earlier = round; earlier > 1 && read_ == 0; --earlier) {
      if (std::filesystem::exists(PathOf(earlier - 1))) read_ = earlier - 1;
    }
  }

  // Of the newest round before this one; empty where nothing was kept.
  std::string Read() const {
    std::ifstream stream(PathOf(read_), std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  // Keeps what this round leaves, and of earlier ones only what it was read from.
  absl::Status Write(const std::string& local) const {
    RETURN_IF_ERROR(WriteFileDurably(PathOf(round_), local));
    std::error_code ignored;
    for (uint32_t round = 1; round < read_; ++round) std::filesystem::remove(PathOf(round), ignored);
    return absl::OkStatus();
  }

 private:
  std::string PathOf(uint32_t round) const { return absl::StrCat(prefix_, "-", round); }

  std::string prefix_;
  uint32_t round_;
  uint32_t read_ = 0;  // 0: none
};

absl::StatusOr<Fitted> FitAll(CollectionRepertoire& repertoire, FamilyModel& model, const JobTerms& terms,
                              const FitTerms& fit, const RoundHooks& hooks, v1::TrainResult& result) {
  if (terms.needs_losses) RETURN_IF_ERROR(AddLosses(repertoire, model, terms, fit, result));
  const auto progress = [&hooks](int done, int total, double loss) {
    v1::TrainProgress state;
    state.set_steps_total(static_cast<uint32_t>(total));
    state.set_steps_done(static_cast<uint32_t>(done));
    state.set_loss(loss);
    hooks.progress(state);
  };
  const LocalFiles files(hooks.local_prefix, fit.round);
  std::string local = files.Read();
  absl::StatusOr<Fitted> fitted =
      model.Fit({repertoire, fit, progress, hooks.stop, hooks.checkpoint, &local});
  if (fitted.ok() && !local.empty()) RETURN_IF_ERROR(files.Write(local));
  return fitted;
}

// Windows that were changed are synthetic in part and say so in every count.
void ReportAugmentation(const AugmentationTerms& terms, uint64_t windows, v1::TrainResult& result) {
  if (terms.gain) result.add_augmentations(v1::AUGMENTATION_GAIN);
  if (terms.all_pass) result.add_augmentations(v1::AUGMENTATION_ALL_PASS);
  if (terms.mute) result.add_augmentations(v1::AUGMENTATION_MUTE);
  if (terms.resample) result.add_augmentations(v1::AUGMENTATION_RESAMPLE);
  if (terms.noise_floor) result.add_augmentations(v1::AUGMENTATION_NOISE_FLOOR);
  if (terms.dequantise) result.add_augmentations(v1::AUGMENTATION_DEQUANTISE);
  if (terms.any()) result.set_augmented_windows(windows);
}

}  // namespace

absl::StatusOr<v1::TrainResult> TrainRound(const RoundMaterial& material, FamilyModel& model,
                                           const JobTerms& terms, const FitTerms& fit,
                                           const RoundHooks& hooks) {
  CollectionRepertoire repertoire(material);
  v1::TrainResult result;
  const absl::StatusOr<Fitted> fitted = FitAll(repertoire, model, terms, fit, hooks, result);
  // What was heard before a failure was used as well.
  RETURN_IF_ERROR(material.use_log.Append(material.round_id, hooks.use, repertoire.Uses()));
  RETURN_IF_ERROR(fitted.status());

  RETURN_IF_ERROR(HandOn(fitted->deltas, hooks));
  result.set_training_seconds(TrainingSeconds(material.recordings));
  result.set_recordings_chosen(static_cast<uint32_t>(material.recordings.size()));
  result.set_windows(fitted->windows);
  ReportAugmentation(fit.augmentation, fitted->windows, result);
  result.set_first_loss(fitted->first_loss);
  result.set_last_loss(fitted->last_loss);
  RETURN_IF_ERROR(HandOn(fitted->statistics, hooks));
  if (hooks.checkpoint != nullptr) hooks.checkpoint->Remove();
  return result;
}

}  // namespace consort::trainer
