#include "node/trainer/pretrain/pretrain.h"

#include <fcntl.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/artifact/durable_file.h"
#include "common/random/seeded_random.h"
#include "common/status/exit_code.h"
#include "common/status/macros.h"
#include "node/trainer/audio/audio_file.h"
#include "node/trainer/audio/excerpt.h"
#include "node/trainer/audio/sample_cache.h"
#include "node/trainer/audio/survey.h"
#include "node/trainer/models/compute_threads.h"
#include "node/trainer/models/registry.h"
#include "node/trainer/training/adam.h"
#include "node/trainer/training/window_sampler.h"

namespace consort::trainer {
namespace {

struct Options {
  std::string architecture = "rave-tiny";
  std::string music;
  std::string output;
  std::string start;
  int steps = 8000;
  int batch_size = 2;
  int64_t window_samples = 65536;
  double learning_rate = 1e-3;
  double last_learning_rate = 1e-4;
  uint64_t seed = 1;
  int threads = 0;
  int report_every = 100;
};

constexpr double kLeastGainDb = -15, kMostGainDb = 3;  // windows are heard at random levels
constexpr int kSaveEveryReports = 5;

struct Recording {
  std::string path;
  int64_t samples = 0;
};

// Every usable recording below `folder`, in the order of their names.
absl::StatusOr<std::vector<Recording>> FindMusic(const std::string& folder, int rate_hz) {
  std::vector<Recording> recordings;
  try {
    std::vector<std::string> paths;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (entry.is_regular_file() && HasAudioExtension(entry.path().filename().string())) {
        paths.push_back(entry.path().string());
      }
    }
    std::sort(paths.begin(), paths.end());
    const std::atomic<bool> stop{false};
    for (const std::string& path : paths) {
      ASSIGN_OR_RETURN(const RecordingFacts facts, SurveyRecording(path, SurveyLimits(), stop));
      recordings.push_back({path, SamplesAtRate(facts.frames, facts.sample_rate_hz, rate_hz)});
    }
  } catch (const std::exception& error) {
    return absl::NotFoundError(absl::StrCat("cannot list the recordings: ", error.what()));
  }
  if (recordings.empty())
    return absl::NotFoundError("no recording to train on in the folder given with --music");
  return recordings;
}

void ApplyRandomGain(Batch& batch, SeededRandom& random) {
  for (size_t row = 0; row < batch.valid.size(); ++row) {
    const double decibels = kLeastGainDb + (kMostGainDb - kLeastGainDb) * random.Uniform();
    const float gain =
        static_cast<float>(std::pow(10, decibels / 20)) * (random.Below(2) == 0 ? 1.0f : -1.0f);
    float* sample = batch.audio.data() + row * batch.samples;
    for (int64_t i = 0; i < batch.samples; ++i) sample[i] *= gain;
  }
}

absl::StatusOr<std::unique_ptr<Model>> StartingModel(const Architecture& architecture,
                                                     const Options& options) {
  if (options.start.empty()) {
    return architecture.Initialise(SeedFrom({"consort.pretrain.weights.v1", std::to_string(options.seed)}));
  }
  ASSIGN_OR_RETURN(const FileDescriptor file, OpenFile(options.start, O_RDONLY));
  ASSIGN_OR_RETURN(const uint64_t bytes, SizeOfFile(file));
  std::string model(bytes, '\0');
  RETURN_IF_ERROR(ReadAt(file, 0, model.data(), model.size()).status());
  return architecture.Load(model, /*state=*/{}, Adaptation());
}

absl::Status Save(const Model& model, const Options& options) {
  ASSIGN_OR_RETURN(const std::string bytes,
                   model.SaveMerged({{"consort.architecture", options.architecture}}));
  return WriteFileDurably(options.output, bytes);
}

absl::Status Train(Model& model, WindowSampler& sampler, double kl_weight, const Options& options) {
  Adam optimiser(model.values().size());
  SeededRandom random(SeedFrom({"consort.pretrain.steps.v1", std::to_string(options.seed)}));
  const auto start = std::chrono::steady_clock::now();
  double loss_sum = 0;
  for (int step = 1; step <= options.steps; ++step) {
    ASSIGN_OR_RETURN(Batch batch, sampler.Draw(options.batch_size));
    ApplyRandomGain(batch, random);
    ASSIGN_OR_RETURN(const double loss,
                     model.LossAndGradients(batch, {.seed = random.Next(), .kl_weight = kl_weight}));
    const double done = static_cast<double>(step - 1) / options.steps;
    optimiser.Step(model.values(), model.gradients(),
                   options.learning_rate + (options.last_learning_rate - options.learning_rate) * done);
    loss_sum += loss;
    if (step % options.report_every != 0 && step != options.steps) continue;
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    absl::FPrintF(stderr, "step %d of %d: loss %.3f, %.3f s a step\n", step, options.steps,
                  loss_sum / ((step - 1) % options.report_every + 1), seconds / step);
    loss_sum = 0;
    if (step % (kSaveEveryReports * options.report_every) == 0) RETURN_IF_ERROR(Save(model, options));
  }
  return Save(model, options);
}

absl::Status Pretrain(const Options& options) {
  SetComputeThreads(options.threads);
  ASSIGN_OR_RETURN(const Architecture* architecture, FindArchitecture(options.architecture));
  const int rate_hz = architecture->facts().sample_rate_hz;
  ASSIGN_OR_RETURN(const std::vector<Recording> recordings, FindMusic(options.music, rate_hz));
  std::vector<WindowSource> sources;
  double seconds = 0;
  for (const Recording& recording : recordings) {
    sources.push_back({recording.samples});
    seconds += static_cast<double>(recording.samples) / rate_hz;
  }
  absl::FPrintF(stderr, "%d recordings, %.1f minutes\n", recordings.size(), seconds / 60);

  SampleCache cache(rate_hz);
  const auto read = [&](size_t recording, int64_t begin, int64_t samples) {
    return cache.Read(recordings[recording].path, recordings[recording].samples, begin, samples);
  };
  const std::string seed = std::to_string(options.seed);
  WindowSampler sampler(sources, options.window_samples, SeedFrom({"consort.pretrain.windows.v1", seed}),
                        read);
  ASSIGN_OR_RETURN(const std::unique_ptr<Model> model, StartingModel(*architecture, options));
  return Train(*model, sampler, architecture->facts().defaults.kl_weight, options);
}

void Declare(CLI::App& app, Options& options) {
  app.add_option("--music", options.music, "folder of recordings, searched with all its subfolders")
      ->required();
  app.add_option("--output", options.output, "safetensors file to write")->required();
  app.add_option("--architecture", options.architecture, "a name of the registry")->capture_default_str();
  app.add_option("--steps", options.steps)->check(CLI::Range(1, 10000000))->capture_default_str();
  app.add_option("--batch", options.batch_size, "windows a step")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app.add_option("--window", options.window_samples, "samples a window")->capture_default_str();
  app.add_option("--start", options.start, "a model to go on from; without it, from random weights");
  app.add_option("--learning-rate", options.learning_rate, "at the first step")
      ->check(CLI::Range(1e-9, 1.0))
      ->capture_default_str();
  app.add_option("--last-learning-rate", options.last_learning_rate,
                 "at the last step; in between it falls linearly")
      ->check(CLI::Range(1e-9, 1.0))
      ->capture_default_str();
  app.add_option("--seed", options.seed)->capture_default_str();
  app.add_option("--threads", options.threads, "0: one for each core")->check(CLI::Range(0, 1024));
  app.add_option("--report-every", options.report_every, "steps between lines of progress")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  app.footer(absl::StrCat(
      "Example: consort-trainer pretrain --music build/music/dominant --output base.safetensors\n",
      ExitCodeHelp()));
}

}  // namespace

int PretrainMain(int argc, char** argv) {
  Options options;
  CLI::App app("Trains a base model from recordings that may be heard by everyone.",
               "consort-trainer pretrain");
  Declare(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? static_cast<int>(ExitCode::kOk) : static_cast<int>(ExitCode::kUsage);
  }
  const absl::Status status = Pretrain(options);
  if (!status.ok()) absl::FPrintF(stderr, "consort-trainer pretrain: %s\n", status.message());
  return static_cast<int>(ExitCodeOf(status));
}

}  // namespace consort::trainer
