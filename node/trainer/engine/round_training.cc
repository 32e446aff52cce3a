#include "node/trainer/engine/round_training.h"

#include "common/status/macros.h"
#include "node/trainer/engine/supply.h"
#include "node/trainer/training/local_training.h"
#include "node/trainer/training/window_sampler.h"

namespace consort::trainer {
namespace {

constexpr size_t kValuesBlock = 256 * 1024;  // 1 MiB, the largest message of the service

WindowSampler SamplerFor(const RoundMaterial& material, int64_t window_samples, uint64_t seed) {
  std::vector<int64_t> lengths;
  for (const Recording* recording : material.recordings) lengths.push_back(recording->samples);
  return WindowSampler(
      lengths, window_samples, seed, [&material](size_t recording, int64_t begin, int64_t samples) {
        return material.collection.Read(*material.recordings[recording], material.purpose, begin, samples);
      });
}

absl::Status LogUses(const RoundMaterial& material, const std::vector<uint64_t>& windows) {
  std::vector<RecordingUse> uses;
  for (size_t i = 0; i < windows.size(); ++i) {
    if (windows[i] > 0) uses.push_back({material.recordings[i]->id, windows[i]});
  }
  return material.use_log.Append(material.round_id, "train", uses);
}

}  // namespace

absl::StatusOr<v1::TrainResult> TrainRound(const RoundMaterial& material, Model& model, const JobTerms& terms,
                                           const RoundSeeds& seeds,
                                           const std::function<void(const v1::TrainProgress&)>& progress,
                                           const std::function<absl::Status(absl::Span<const float>)>& values,
                                           const std::atomic<bool>& stop) {
  WindowSampler sampler = SamplerFor(material, terms.window_samples, seeds.windows);
  TrainingTerms training = terms.training;
  training.seed = seeds.steps;
  v1::TrainProgress state;
  state.set_steps_total(static_cast<uint32_t>(training.steps));
  const auto report = [&](int steps_done, double loss) {
    state.set_steps_done(static_cast<uint32_t>(steps_done));
    state.set_loss(loss);
    progress(state);
  };
  const absl::StatusOr<TrainingOutcome> outcome = TrainLocally(model, sampler, training, report, stop);
  // What was heard before a failure was used as well.
  RETURN_IF_ERROR(LogUses(material, sampler.windows()));
  RETURN_IF_ERROR(outcome.status());

  for (size_t begin = 0; begin < outcome->deltas.size(); begin += kValuesBlock) {
    RETURN_IF_ERROR(values(absl::MakeConstSpan(outcome->deltas).subspan(begin, kValuesBlock)));
  }
  v1::TrainResult result;
  result.set_training_seconds(TrainingSeconds(material.recordings));
  result.set_windows(static_cast<uint64_t>(training.steps) * training.batch_size);
  result.set_first_loss(outcome->first_loss);
  result.set_last_loss(outcome->last_loss);
  const float windows = static_cast<float>(result.windows());
  RETURN_IF_ERROR(values({&windows, 1}));
  return result;
}

}  // namespace consort::trainer
