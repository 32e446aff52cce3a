// Times training steps of low-rank adapters, or of the whole model, optimiser included. The material is
// noise: a step costs the same on any sound. Prints {"seconds": of the quickest step, "peak_mb": of the
// process, "values": trained}. Seconds are of all threads together, which a busy machine stretches least.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <limits>
#include <string>

#include "node/trainer/models/compute_threads.h"
#include "node/trainer/models/registry.h"
#include "node/trainer/training/adam.h"

namespace consort::trainer {
namespace {

struct Options {
  std::string architecture = "rave-v2-small";
  int rank = 8;
  bool train_a = false;
  int steps = 8;
  int threads = 1;
  int rows = 2;
  int64_t samples = 65536;  // a row's
};

struct Figures {
  double seconds = std::numeric_limits<double>::max();
  size_t values = 0;
};

double ProcessorSeconds() { return static_cast<double>(clock()) / CLOCKS_PER_SEC; }

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

absl::StatusOr<std::unique_ptr<Model>> LoadModel(const Options& options) {
  const absl::StatusOr<const Architecture*> architecture = FindArchitecture(options.architecture);
  if (!architecture.ok()) return architecture.status();
  absl::StatusOr<std::unique_ptr<Model>> fresh = (*architecture)->Initialise(1);
  if (!fresh.ok() || options.rank == 0) return fresh;
  const absl::StatusOr<std::string> base = (*fresh)->SaveMerged({});
  if (!base.ok()) return base.status();
  fresh->reset();
  return (*architecture)
      ->Load(*base, {},
             {.rank = options.rank,
              .alpha = static_cast<double>(options.rank),
              .seed = 1,
              .trained = options.train_a ? Factor::kA : Factor::kB});
}

absl::StatusOr<Figures> Measure(const Options& options) {
  SetComputeThreads(options.threads);
  const absl::StatusOr<std::unique_ptr<Model>> model = LoadModel(options);
  if (!model.ok()) return model.status();
  Figures figures = {.values = (*model)->values().size()};
  Adam optimiser(figures.values);
  const Batch batch = NoiseBatch(options);
  for (int step = 0; step < options.steps; ++step) {
    const double start = ProcessorSeconds();
    const absl::StatusOr<double> loss =
        (*model)->LossAndGradients(batch, {.seed = static_cast<uint64_t>(step), .kl_weight = 0.01});
    if (!loss.ok()) return loss.status();
    optimiser.Step((*model)->values(), (*model)->gradients(), 1e-4);
    figures.seconds = std::min(figures.seconds, ProcessorSeconds() - start);
  }
  return figures;
}

}  // namespace
}  // namespace consort::trainer

int main(int argc, char** argv) {
  consort::trainer::Options options;
  CLI::App app("Times training steps of adapters.", "bench_adapter_step");
  app.add_option("--architecture", options.architecture)->capture_default_str();
  app.add_option("--rank", options.rank, "0: the whole model")->capture_default_str();
  app.add_flag("--train-a", options.train_a, "factor A instead of B");
  app.add_option("--steps", options.steps)->capture_default_str();
  app.add_option("--threads", options.threads)->capture_default_str();
  app.add_option("--rows", options.rows, "windows a step")->capture_default_str();
  app.add_option("--samples", options.samples, "samples a window")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  const absl::StatusOr<consort::trainer::Figures> figures = consort::trainer::Measure(options);
  if (!figures.ok()) {
    fprintf(stderr, "bench_adapter_step: %s\n", std::string(figures.status().message()).c_str());
    return 1;
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  printf("{\"seconds\": %.6f, \"peak_mb\": %.1f, \"values\": %zu}\n", figures->seconds,
         usage.ru_maxrss * 1024 / 1e6, figures->values);
}
