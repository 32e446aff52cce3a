// Times training steps of a size of the `rave` family, optimiser included. The material is noise: a step
// costs the same on any sound. Prints {"seconds": of the quickest step, "peak_mb": of the process}. With
// --inference, prints
// {"seconds": of the quickest reconstruction of the same audio, ...} instead; with --turn, times steps of the
// adversarial phase.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <string>

#include "node/trainer/models/compute_threads.h"
#include "node/trainer/models/registry.h"
#include "node/trainer/training/adam.h"

namespace consort::trainer {
namespace {

struct Options {
  std::string architecture = "rave-tiny";
  int steps = 20;
  int threads = 1;
  int rows = 4;
  int64_t samples = 65536;  // a row's
  bool inference = false;
  std::string turn;  // of the adversarial phase; empty: of the phase before it
};

constexpr char kGenerator[] = "generator", kDiscriminators[] = "discriminators";
// In every size step 0 is the discriminators' and step 1 the generator's.
constexpr uint64_t kDiscriminatorsStep = 0, kGeneratorsStep = 1;

StepTerms TermsOf(const Options& options, const Architecture& architecture, int step) {
  StepTerms terms;
  terms.seed = static_cast<uint64_t>(step);
  terms.kl_weight = architecture.facts().defaults.kl_weight;
  terms.adversarial = !options.turn.empty();
  terms.step = options.turn == kDiscriminators ? kDiscriminatorsStep : kGeneratorsStep;
  return terms;
}

Batch NoiseBatch(const Options& options) {
  Batch batch;
  batch.valid.assign(options.rows, options.samples);
  batch.samples = options.samples;
  uint32_t state = 1;
  for (int64_t i = 0; i < options.rows * options.samples; ++i) {
    state = state * 1664525u + 1013904223u;  // Numerical Recipes
    batch.audio.push_back(static_cast<float>(state / 4294967296.0 - 0.5));
  }
  return batch;
}

absl::StatusOr<double> Quickest(const Options& options) {
  SetComputeThreads(options.threads);
  const absl::StatusOr<const Architecture*> architecture = FindArchitecture(options.architecture);
  if (!architecture.ok()) return architecture.status();
  const absl::StatusOr<std::unique_ptr<Model>> model = (*architecture)->Initialise(1);
  if (!model.ok()) return model.status();
  Adam optimiser(options.inference ? 0 : (*model)->values().size());
  const Batch batch = NoiseBatch(options);
  double quickest = std::numeric_limits<double>::max();
  for (int step = 0; step < options.steps; ++step) {
    const auto start = std::chrono::steady_clock::now();
    if (options.inference) {
      const auto audio = (*model)->Reconstruct(batch.audio);
      if (!audio.ok()) return audio.status();
    } else {
      const StepTerms terms = TermsOf(options, **architecture, step);
      const absl::StatusOr<double> loss = (*model)->LossAndGradients(batch, terms);
      if (!loss.ok()) return loss;
      // The discriminators have an optimiser of their own.
      if ((*model)->TrainsValues(terms)) optimiser.Step((*model)->values(), (*model)->gradients(), 1e-4);
    }
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    quickest = std::min(quickest, taken.count());
  }
  return quickest;
}

}  // namespace
}  // namespace consort::trainer

int main(int argc, char** argv) {
  consort::trainer::Options options;
  CLI::App app("Times training steps of the rave family.", "bench_train_step");
  app.add_option("--architecture", options.architecture)->capture_default_str();
  app.add_option("--steps", options.steps)->capture_default_str();
  app.add_option("--threads", options.threads)->capture_default_str();
  app.add_option("--rows", options.rows, "windows a step")->capture_default_str();
  app.add_option("--samples", options.samples, "samples a window")->capture_default_str();
  app.add_flag("--inference", options.inference, "time reconstructions");
  app.add_option("--turn", options.turn, "of the adversarial phase")
      ->check(CLI::IsMember({consort::trainer::kGenerator, consort::trainer::kDiscriminators}));
  CLI11_PARSE(app, argc, argv);
  const absl::StatusOr<double> seconds = consort::trainer::Quickest(options);
  if (!seconds.ok()) {
    fprintf(stderr, "bench_train_step: %s\n", std::string(seconds.status().message()).c_str());
    return 1;
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  printf("{\"seconds\": %.6f, \"peak_mb\": %.1f}\n", *seconds, usage.ru_maxrss * 1024 / 1e6);
}
