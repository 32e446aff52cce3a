// One archive's part of a round: a number of optimiser steps on its own recordings.
#ifndef CONSORT_NODE_TRAINER_TRAINING_LOCAL_TRAINING_H_
#define CONSORT_NODE_TRAINER_TRAINING_LOCAL_TRAINING_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "node/trainer/models/architecture.h"
#include "node/trainer/training/fit_terms.h"
#include "node/trainer/training/training_checkpoint.h"
#include "node/trainer/training/window_sampler.h"

namespace consort::trainer {

// What else steers each step beside the gradient of the loss. Borrowed by the call; values in the model's
// order.
struct Steering {
  absl::Span<const float> anchor;  // what the proximal term pulls towards; empty: where the training starts
  absl::Span<const float> correction;  // added to each gradient, as SCAFFOLD's c - c_i; empty: nothing
  bool sum_gradients = false;          // whether the outcome tells the loss's own gradients
};

struct TrainingOutcome {
  std::vector<float> deltas;  // trained values after minus before, in the model's order
  double first_loss = 0;      // without the proximal term
  double last_loss = 0;
  // With Steering::sum_gradients: the sum of the loss's gradients, without what steers, and over how many
  // steps.
  std::vector<double> gradient_sum;
  int64_t gradient_steps = 0;
};

// How a training is watched, stopped and kept.
struct TrainingHooks {
  std::function<void(int steps_done, double loss)> progress;  // after every step
  const std::atomic<bool>& stop;                              // looked at before each step
  const CheckpointFile* checkpoint = nullptr;  // borrowed; null: an interrupted training is lost
  absl::Duration checkpoint_interval = absl::Seconds(30);
};

// So many steps in a row whose loss has diverged, or whose loss or a gradient is not finite, end a task; fewer
// are skipped.
inline constexpr int kMaxSkippedSteps = 3;
// A loss so many times the first one has diverged. Not looked at while discriminators take part: their losses
// and the generator's take turns.
inline constexpr double kDivergedFactor = 100;

// The weight of the Kullback-Leibler term at a step of the job, from 0: log-linear from kl_start to kl_weight
// over kl_warm_up_steps, kl_weight from then on.
double KlWeightAt(uint64_t step, const ModelTerms& terms);

// Trains `model` in place, going on from the checkpoint if there is one; the same start, terms and recordings
// give the same bits however often it was interrupted. A step whose loss has diverged, or whose loss or
// gradients are not finite, changes nothing. Errors: Cancelled; OutOfRange, after kMaxSkippedSteps such steps
// in a row, "not-finite: ..." naming tensor and step or "diverged: ..." naming losses, step and the tensor with
// the largest gradient; OutOfRange "not-finite: ..." if a value is not finite; those of model and sampler.
absl::StatusOr<TrainingOutcome> TrainLocally(Model& model, WindowSampler& sampler, const FitTerms& terms,
                                             const ModelTerms& model_terms, const TrainingHooks& hooks,
                                             const Steering& steering = {});

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_TRAINING_LOCAL_TRAINING_H_
