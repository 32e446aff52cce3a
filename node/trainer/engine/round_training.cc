#include "node/trainer/engine/round_training.h"

#include "common/status/macros.h"
#include "node/trainer/engine/collection_repertoire.h"
#include "node/trainer/engine/supply.h"
#include "node/trainer/engine/tradition_losses.h"
#include "node/trainer/engine/validation_parts.h"

namespace consort::trainer {
namespace {

constexpr size_t kValuesBlock = 256 * 1024;  // 1 MiB, the largest message of the service

absl::Status HandOn(absl::Span<const float> values, const RoundHooks& hooks) {
  for (size_t begin = 0; begin < values.size(); begin += kValuesBlock) {
    RETURN_IF_ERROR(hooks.values(values.subspan(begin, kValuesBlock)));
  }
  return absl::OkStatus();
}

void Tell(const RoundHooks& hooks, int done, int total, double loss) {
  v1::TrainProgress state;
  state.set_steps_total(static_cast<uint32_t>(total));
  state.set_steps_done(static_cast<uint32_t>(done));
  state.set_loss(loss);
  hooks.progress(state);
}

// Losses that the job's objective asks for, under the state that the round begins with; then the training.
absl::StatusOr<Fitted> FitAll(CollectionRepertoire& recordings, FamilyModel& model, const JobTerms& terms,
                              const FitTerms& fit, const RoundHooks& hooks, v1::TrainResult& result) {
  const ValidationParts parts =
      SplitForValidation(recordings.entries(), terms.validation_percent, fit.sample_rate_hz);
  if (terms.needs_losses) {
    ASSIGN_OR_RETURN(
        const std::vector<v1::TraditionLoss> losses,
        LossesOfTraditions(recordings, parts.validation.empty() ? parts.training : parts.validation, model,
                           terms));
    result.mutable_losses()->Assign(losses.begin(), losses.end());
  }
  PartRepertoire repertoire(recordings, parts.training);
  const int more = hooks.personal == nullptr ? 0 : hooks.personal->fit.steps;
  const auto progress = [&](int done, int total, double loss) { Tell(hooks, done, total + more, loss); };
  const LocalFiles files(hooks.local_prefix);
  const uint32_t newest = files.NewestUpTo(fit.round - 1);
  std::string local = files.Read(newest);
  absl::StatusOr<Fitted> fitted =
      model.Fit({repertoire, fit, progress, hooks.stop, hooks.checkpoint, &local});
  if (fitted.ok() && !local.empty()) RETURN_IF_ERROR(files.Write(fit.round, newest, local));
  return fitted;
}

// After the shared training, whose checkpoint stays until the values have been handed on: a kill in here
// costs the shared training no more than its last seconds.
absl::Status TrainCopy(const RoundMaterial& material, int shared_steps, const RoundHooks& hooks) {
  if (hooks.personal == nullptr) return absl::OkStatus();
  const int total = shared_steps + hooks.personal->fit.steps;
  return TrainPersonalCopy(
      material, *hooks.personal,
      [&](int done, double loss) { Tell(hooks, shared_steps + done, total, loss); }, hooks.stop);
}

// Nothing is left to be resumed.
void RemoveCheckpoints(const RoundHooks& hooks) {
  if (hooks.checkpoint != nullptr) hooks.checkpoint->Remove();
  if (hooks.personal != nullptr && hooks.personal->checkpoint != nullptr)
    hooks.personal->checkpoint->Remove();
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
  RETURN_IF_ERROR(TrainCopy(material, fit.steps, hooks));

  RETURN_IF_ERROR(HandOn(fitted->deltas, hooks));
  result.set_training_seconds(TrainingSeconds(material.recordings));
  result.set_recordings_chosen(static_cast<uint32_t>(material.recordings.size()));
  result.set_windows(fitted->windows);
  ReportAugmentation(fit.augmentation, fitted->windows, result);
  result.set_first_loss(fitted->first_loss);
  result.set_last_loss(fitted->last_loss);
  RETURN_IF_ERROR(HandOn(fitted->statistics, hooks));
  RemoveCheckpoints(hooks);
  return result;
}

}  // namespace consort::trainer
