// One archive's part of a round: a number of optimiser steps on its own recordings.
#ifndef CONSORT_NODE_TRAINER_TRAINING_LOCAL_TRAINING_H_
#define CONSORT_NODE_TRAINER_TRAINING_LOCAL_TRAINING_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "node/trainer/models/architecture.h"
#include "node/trainer/training/window_sampler.h"

namespace consort::trainer {

struct TrainingTerms {
  int steps = 0;             // > 0
  int batch_size = 0;        // > 0
  double learning_rate = 0;  // > 0; at the first step. It falls linearly: at the last of n steps it is an n-th of it
  double proximal_mu = 0;  // FedProx: adds mu / 2 * |w - w0|^2 to the loss (Li et al. 2020, arXiv 1812.06127)
  double kl_weight = 0;    // beta of a VAE
  uint64_t seed = 0;
};

struct TrainingOutcome {
  std::vector<float> deltas;  // trained values after minus before, in the model's order
  double first_loss = 0;      // without the proximal term
  double last_loss = 0;
};

// Trains `model` in place. `progress` hears of every step. `stop` is looked at before each step.
// Errors: Cancelled; OutOfRange "not-finite: ..." naming tensor and step; those of model and sampler.
absl::StatusOr<TrainingOutcome> TrainLocally(Model& model, WindowSampler& sampler, const TrainingTerms& terms,
                                             const std::function<void(int steps_done, double loss)>& progress,
                                             const std::atomic<bool>& stop);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_TRAINING_LOCAL_TRAINING_H_
