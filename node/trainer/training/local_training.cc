#include "node/trainer/training/local_training.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <cmath>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/random/seeded_random.h"
#include "common/status/macros.h"
#include "node/trainer/models/tensor_file.h"
#include "node/trainer/training/adam.h"
#include "node/trainer/training/augmentation.h"

namespace consort::trainer {
namespace {

absl::Status AtStep(const absl::Status& status, int step) {
  return absl::Status(status.code(), absl::StrCat(status.message(), " (step ", step, ")"));
}

// The gradient of mu / 2 * |w - w0|^2 is mu * (w - w0).
void AddProximalTerm(absl::Span<const float> values, absl::Span<const float> anchor, double mu,
                     absl::Span<float> sum) {
  if (mu == 0) return;
  for (size_t i = 0; i < sum.size(); ++i) sum[i] += static_cast<float>(mu) * (values[i] - anchor[i]);
}

// Falls linearly, so that a task ends near a minimum and not at the height of the last steps' noise: with few
// and small batches, that noise is as large as what a round learns.
double LearningRateAt(int step, const FitTerms& terms) {
  return terms.learning_rate * (terms.steps - step + 1) / terms.steps;
}

// The tensor with the largest gradient, by L2 norm.
std::string SteepestTensor(const Model& model) {
  std::string steepest;
  double largest = -1;
  size_t next = 0;
  for (const NamedTensor& tensor : model.trainable()) {
    double squares = 0;
    for (const size_t end = next + tensor.size(); next < end; ++next) {
      squares += static_cast<double>(model.gradients()[next]) * model.gradients()[next];
    }
    if (squares > largest) {
      largest = squares;
      steepest = tensor.name;
    }
  }
  return steepest;
}

class Training {
 public:
  Training(Model& model, WindowSampler& sampler, const FitTerms& terms, const ModelTerms& model_terms,
           const TrainingHooks& hooks, const Steering& steering)
      : model_(model),
        sampler_(sampler),
        terms_(terms),
        model_terms_(model_terms),
        hooks_(hooks),
        steering_(steering),
        start_(model.values().begin(), model.values().end()),
        optimiser_(start_.size()),
        random_(terms.steps_seed) {
    if (steering.sum_gradients) outcome_.gradient_sum.resize(start_.size());
  }

  absl::StatusOr<TrainingOutcome> Run() {
    RETURN_IF_ERROR(Resume());
    for (int step = done_ + 1; step <= terms_.steps; ++step) {
      if (hooks_.stop) return absl::CancelledError(absl::StrCat("training was stopped (step ", step, ")"));
      RETURN_IF_ERROR(Step(step));
      done_ = step;
      hooks_.progress(step, outcome_.last_loss);
      KeepNowAndThen();
    }
    const absl::Span<const float> values = model_.values();
    outcome_.deltas.resize(values.size());
    for (size_t i = 0; i < values.size(); ++i) outcome_.deltas[i] = values[i] - start_[i];
    return std::move(outcome_);
  }

 private:
  absl::Status Resume() {
    if (hooks_.checkpoint == nullptr) return absl::OkStatus();
    std::optional<TrainingCheckpoint> kept =
        hooks_.checkpoint->Read(start_.size(), sampler_.windows().size(), outcome_.gradient_sum.size());
    if (!kept.has_value()) return absl::OkStatus();
    RETURN_IF_ERROR(model_.LoadLocal(kept->local));
    std::copy(kept->values.begin(), kept->values.end(), model_.values().begin());
    optimiser_.Restore(std::move(kept->optimiser));
    random_ = SeededRandom(kept->random);
    sampler_.Restore(std::move(kept->sampler));
    outcome_.first_loss = kept->first_loss;
    outcome_.last_loss = kept->last_loss;
    outcome_.gradient_sum = std::move(kept->gradient_sum);
    outcome_.gradient_steps = kept->gradient_steps;
    done_ = kept->steps_done;
    spdlog::info("training goes on after step {} of {}", done_, terms_.steps);
    return absl::OkStatus();
  }

  absl::Status Step(int step) {
    ASSIGN_OR_RETURN(Batch batch, sampler_.Draw(terms_.batch_size));
    if (terms_.augmentation.any()) Augment(batch, terms_.augmentation, terms_.sample_rate_hz, random_.Next());
    const uint64_t job_step = uint64_t{terms_.round - 1} * terms_.steps + (step - 1);
    StepTerms step_terms;
    step_terms.seed = random_.Next();
    step_terms.kl_weight = KlWeightAt(job_step, model_terms_);
    step_terms.adversarial =
        model_terms_.adversarial_round > 0 && terms_.round >= model_terms_.adversarial_round;
    step_terms.step = job_step;
    step_terms.attribute_weight = model_terms_.attribute_weight;
    step_terms.attribute_sharpness = model_terms_.attribute_sharpness;
    const absl::StatusOr<double> loss = model_.LossAndGradients(batch, step_terms);
    if (!loss.ok()) return SkipOrFail(loss.status(), step);
    if (Diverged(*loss, step_terms)) {
      return SkipOrFail(
          absl::OutOfRangeError(absl::StrCat(
              "diverged: the loss rose from ", outcome_.first_loss, " to ", *loss,
              "; lower the learning rate; the largest gradient is that of tensor ", SteepestTensor(model_))),
          step);
    }
    skipped_ = 0;
    // In the discriminators' turn the loss is theirs and the values rest, the optimiser's momentum with them.
    if (!model_.TrainsValues(step_terms)) return absl::OkStatus();
    if (outcome_.first_loss == 0) outcome_.first_loss = *loss;
    outcome_.last_loss = *loss;
    optimiser_.Step(model_.values(), Steered(), LearningRateAt(step, terms_));
    const absl::Status finite = CheckFinite("trained model", model_.trainable(), model_.values());
    return finite.ok() ? finite : AtStep(finite, step);
  }

  // The loss's gradients with all that steers them.
  std::vector<float> Steered() {
    std::vector<float> sum(model_.gradients().begin(), model_.gradients().end());
    if (steering_.sum_gradients) {
      for (size_t i = 0; i < sum.size(); ++i) outcome_.gradient_sum[i] += sum[i];
      ++outcome_.gradient_steps;
    }
    const absl::Span<const float> anchor = steering_.anchor.empty() ? start_ : steering_.anchor;
    AddProximalTerm(model_.values(), anchor, terms_.proximal_mu, absl::MakeSpan(sum));
    for (size_t i = 0; i < steering_.correction.size(); ++i) sum[i] += steering_.correction[i];
    return sum;
  }

  // One loss says little: relative to a window that is all but silent every error is immense.
  bool Diverged(double loss, const StepTerms& step) const {
    return !step.adversarial && outcome_.first_loss > 0 && loss > kDivergedFactor * outcome_.first_loss;
  }

  // A batch that cannot be learnt from must not end a task; a model that cannot learn any more must.
  absl::Status SkipOrFail(const absl::Status& status, int step) {
    if (!absl::IsOutOfRange(status) || ++skipped_ >= kMaxSkippedSteps) return AtStep(status, step);
    spdlog::warn("a step was skipped: {}", std::string(AtStep(status, step).message()));
    return absl::OkStatus();
  }

  void KeepNowAndThen() {
    if (hooks_.checkpoint == nullptr) return;
    const auto now = std::chrono::steady_clock::now();
    if (now - kept_at_ < absl::ToChronoNanoseconds(hooks_.checkpoint_interval)) return;
    kept_at_ = now;
    const absl::Status kept = Keep();
    // A full disk costs what a crash would lose, not the training.
    if (!kept.ok()) spdlog::warn("the training's checkpoint was not kept: {}", std::string(kept.message()));
  }

  absl::Status Keep() {
    TrainingCheckpoint checkpoint;
    checkpoint.steps_done = done_;
    checkpoint.first_loss = outcome_.first_loss;
    checkpoint.last_loss = outcome_.last_loss;
    checkpoint.values.assign(model_.values().begin(), model_.values().end());
    checkpoint.optimiser = optimiser_.state();
    checkpoint.random = random_.state();
    checkpoint.sampler = sampler_.state();
    checkpoint.gradient_sum = outcome_.gradient_sum;
    checkpoint.gradient_steps = outcome_.gradient_steps;
    ASSIGN_OR_RETURN(checkpoint.local, model_.SaveLocal());
    return hooks_.checkpoint->Write(checkpoint);
  }

  Model& model_;
  WindowSampler& sampler_;
  const FitTerms& terms_;
  const ModelTerms& model_terms_;
  const TrainingHooks& hooks_;
  const Steering& steering_;
  const std::vector<float> start_;
  Adam optimiser_;
  SeededRandom random_;
  TrainingOutcome outcome_;
  int done_ = 0;
  int skipped_ = 0;
  std::chrono::steady_clock::time_point kept_at_ = std::chrono::steady_clock::now();
};

}  // namespace

double KlWeightAt(uint64_t step, const ModelTerms& terms) {
  if (step >= terms.kl_warm_up_steps || terms.kl_start <= 0 || terms.kl_weight <= 0) return terms.kl_weight;
  const double share = static_cast<double>(step) / static_cast<double>(terms.kl_warm_up_steps);
  return terms.kl_start * std::pow(terms.kl_weight / terms.kl_start, share);
}

absl::StatusOr<TrainingOutcome> TrainLocally(Model& model, WindowSampler& sampler, const FitTerms& terms,
                                             const ModelTerms& model_terms, const TrainingHooks& hooks,
                                             const Steering& steering) {
  return Training(model, sampler, terms, model_terms, hooks, steering).Run();
}

}  // namespace consort::trainer
