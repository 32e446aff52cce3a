// Times training steps of rave-tiny, optimiser included, on one thread. The material is noise: a step costs
// the same on any sound. Prints {"seconds": of the quickest step, "peak_mb": of the process}.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <limits>

#include "node/trainer/models/compute_threads.h"
#include "node/trainer/models/rave.h"
#include "node/trainer/training/adam.h"

namespace consort::trainer {
namespace {

constexpr int kRows = 4;
constexpr int64_t kSamples = 65536;

Batch NoiseBatch() {
  Batch batch;
  batch.valid.assign(kRows, kSamples);
  batch.samples = kSamples;
  uint32_t state = 1;
  for (int64_t i = 0; i < kRows * kSamples; ++i) {
    state = state * 1664525u + 1013904223u;  // Numerical Recipes
    batch.audio.push_back(static_cast<float>(state / 4294967296.0 - 0.5));
  }
  return batch;
}

// Returns the seconds of the quickest of `steps`; below zero after a failure.
double QuickestStep(int steps) {
  SetComputeThreads(1);
  const auto model = RaveTiny().Initialise(1);
  if (!model.ok()) return -1;
  Adam optimiser((*model)->values().size());
  const Batch batch = NoiseBatch();
  double quickest = std::numeric_limits<double>::max();
  for (int step = 0; step < steps; ++step) {
    const auto start = std::chrono::steady_clock::now();
    if (!(*model)->LossAndGradients(batch, {.seed = step}).ok()) return -1;
    optimiser.Step((*model)->values(), (*model)->gradients(), 1e-4);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    quickest = std::min(quickest, taken.count());
  }
  return quickest;
}

}  // namespace
}  // namespace consort::trainer

int main(int argc, char** argv) {
  int steps = 20;
  CLI::App app("Times training steps of rave-tiny.", "bench_train_step");
  app.add_option("--steps", steps)->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  const double seconds = consort::trainer::QuickestStep(steps);
  if (seconds < 0) return 1;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  printf("{\"seconds\": %.6f, \"peak_mb\": %.1f}\n", seconds, usage.ru_maxrss * 1024 / 1e6);
}
