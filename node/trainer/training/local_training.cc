#include "node/trainer/training/local_training.h"

#include "absl/strings/str_cat.h"
#include "common/random/seeded_random.h"
#include "common/status/macros.h"
#include "node/trainer/models/tensor_file.h"
#include "node/trainer/training/adam.h"

namespace consort::trainer {
namespace {

absl::Status AtStep(const absl::Status& status, int step) {
  return absl::Status(status.code(), absl::StrCat(status.message(), " (step ", step, ")"));
}

// The gradient of mu / 2 * |w - w0|^2 is mu * (w - w0).
std::vector<float> WithProximalTerm(absl::Span<const float> gradients, absl::Span<const float> values,
                                    absl::Span<const float> start, double mu) {
  std::vector<float> sum(gradients.begin(), gradients.end());
  if (mu == 0) return sum;
  for (size_t i = 0; i < sum.size(); ++i) sum[i] += static_cast<float>(mu) * (values[i] - start[i]);
  return sum;
}

// Falls linearly, so that a task ends near a minimum and not at the height of the last steps' noise: with few
// and small batches, that noise is as large as what a round learns.
double LearningRateAt(int step, const TrainingTerms& terms) {
  return terms.learning_rate * (terms.steps - step + 1) / terms.steps;
}

}  // namespace

absl::StatusOr<TrainingOutcome> TrainLocally(Model& model, WindowSampler& sampler, const TrainingTerms& terms,
                                             const std::function<void(int steps_done, double loss)>& progress,
                                             const std::atomic<bool>& stop) {
  const absl::Span<float> values = model.values();
  const std::vector<float> start(values.begin(), values.end());
  Adam optimiser(values.size());
  SeededRandom random(terms.seed);
  TrainingOutcome outcome;
  for (int step = 1; step <= terms.steps; ++step) {
    if (stop) return absl::CancelledError(absl::StrCat("training was stopped (step ", step, ")"));
    ASSIGN_OR_RETURN(const Batch batch, sampler.Draw(terms.batch_size));
    const absl::StatusOr<double> loss =
        model.LossAndGradients(batch, {.seed = random.Next(), .kl_weight = terms.kl_weight});
    if (!loss.ok()) return AtStep(loss.status(), step);
    optimiser.Step(values, WithProximalTerm(model.gradients(), values, start, terms.proximal_mu),
                   LearningRateAt(step, terms));
    const absl::Status finite = CheckFinite("trained model", model.trainable(), values);
    if (!finite.ok()) return AtStep(finite, step);
    if (step == 1) outcome.first_loss = *loss;
    outcome.last_loss = *loss;
    progress(step, *loss);
  }
  outcome.deltas.resize(values.size());
  for (size_t i = 0; i < values.size(); ++i) outcome.deltas[i] = values[i] - start[i];
  return outcome;
}

}  // namespace consort::trainer
