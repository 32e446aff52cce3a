#include "node/trainer/engine/round_training.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <map>

#include "common/artifact/durable_file.h"
#include "common/random/seeded_random.h"
#include "common/status/macros.h"
#include "node/trainer/engine/collection_repertoire.h"
#include "node/trainer/engine/supply.h"
#include "node/trainer/evaluation/reconstruction_score.h"

namespace consort::trainer {
namespace {

constexpr size_t kValuesBlock = 256 * 1024;  // 1 MiB, the largest message of the service

absl::Status HandOn(absl::Span<const float> values, const RoundHooks& hooks) {
  for (size_t begin = 0; begin < values.size(); begin += kValuesBlock) {
    RETURN_IF_ERROR(hooks.values(values.subspan(begin, kValuesBlock)));
  }
  return absl::OkStatus();
}

// The mean of the family's measure over kLossWindows windows of a tradition, drawn evenly from its
// recordings.
absl::StatusOr<double> LossOf(CollectionRepertoire& repertoire, const std::vector<size_t>& entries,
                              FamilyModel& model, const JobTerms& terms, SeededRandom& random) {
  double sum = 0;
  for (int i = 0; i < kLossWindows; ++i) {
    const size_t entry = entries[random.Below(entries.size())];
    const Repertoire::Entry& facts = repertoire.entries()[entry];
    const int64_t samples = std::min(facts.samples, terms.fit.window_samples);
    const int64_t begin = static_cast<int64_t>(random.Below(facts.samples - samples + 1));
    ASSIGN_OR_RETURN(const std::vector<float> audio, repertoire.Read(entry, begin, samples));
    repertoire.Heard(entry, 1);
    ASSIGN_OR_RETURN(const RecordingScore scored,
                     ScoreRecording(model, terms.family->facts(), audio, facts.tradition));
    sum += scored.score;
  }
  return sum / kLossWindows;
}

absl::Status AddLosses(CollectionRepertoire& repertoire, FamilyModel& model, const JobTerms& terms,
                       const FitTerms& fit, v1::TrainResult& result) {
  std::map<std::string, std::vector<size_t>> traditions;
  for (size_t i = 0; i < repertoire.entries().size(); ++i) {
    traditions[repertoire.entries()[i].tradition].push_back(i);
  }
  SeededRandom random(fit.windows_seed);
  for (const auto& [tradition, entries] : traditions) {
    ASSIGN_OR_RETURN(const double loss, LossOf(repertoire, entries, model, terms, random));
    v1::TraditionLoss& one = *result.add_losses();
    one.set_tradition(tradition);
    one.set_loss(std::round(loss * 1e4) / 1e4);
    one.set_windows(kLossWindows);
  }
  return absl::OkStatus();
}

// Empty where nothing was kept.
std::string ReadLocal(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

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
  std::string local = ReadLocal(hooks.local_path);
  absl::StatusOr<Fitted> fitted =
      model.Fit({repertoire, fit, progress, hooks.stop, hooks.checkpoint, &local});
  if (fitted.ok() && !local.empty() && !hooks.local_path.empty()) {
    RETURN_IF_ERROR(WriteFileDurably(hooks.local_path, local));
  }
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
  RETURN_IF_ERROR(material.use_log.Append(material.round_id, "train", repertoire.Uses()));
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
