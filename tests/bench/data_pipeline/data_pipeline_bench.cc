// Times the way from FLAC files to batches as a training takes it: collection, decoding, resampling, window
// sampler, every augmentation; then training steps of rave-tiny on such batches, and how much of them is
// spent waiting. Prints {"audio_per_second": seconds of audio delivered a second, "cold_audio_per_second":
// the same of the first batches, "step_seconds": of a median step, "audio_per_step": seconds, "waiting":
// share of the steps' time spent in Draw, "augmenting": share spent in Augment}.
#include <sndfile.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <numbers>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "node/trainer/collection/collection.h"
#include "node/trainer/models/compute_threads.h"
#include "node/trainer/models/registry.h"
#include "node/trainer/training/adam.h"
#include "node/trainer/training/augmentation.h"
#include "node/trainer/training/window_sampler.h"

namespace consort::trainer {
namespace {

constexpr int kFileRateHz = 48000;  // what archives digitise at; the models hear 44.1 kHz
constexpr int kModelRateHz = 44100;
constexpr int kChannels = 2;
constexpr int kRows = 4;
constexpr int64_t kWindow = 65536;
constexpr double kBatchSeconds = static_cast<double>(kRows * kWindow) / kModelRateHz;
constexpr char kPurpose[] = "train.generative";
constexpr AugmentationTerms kAll = {true, true, true, true, true, true};

struct Options {
  std::string folder;
  int recordings = 10;
  int seconds = 60;  // of each
  int batches = 40;
  int steps = 20;
};

struct Figures {
  double audio_per_second = 0, cold_audio_per_second = 0, step_seconds = 0, waiting = 0, augmenting = 0;
};

class Watch {
 public:
  double Seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// Ten seconds of decaying notes over a noise floor of a transfer from tape; recordings repeat it.
std::vector<float> Passage(uint32_t seed) {
  std::vector<float> interleaved;
  for (int i = 0; i < 10 * kFileRateHz; ++i) {
    const double time = static_cast<double>(i) / kFileRateHz, note = std::fmod(time, 0.4);
    const double hertz = 220 * std::pow(2, (static_cast<int>(time / 0.4) * 7 + seed) % 12 / 12.0);
    double sum = 0;
    for (int k = 1; k <= 5; ++k) sum += 0.2 / k * std::sin(2 * std::numbers::pi * hertz * k * time);
    for (int channel = 0; channel < kChannels; ++channel) {
      seed = seed * 1664525u + 1013904223u;  // Numerical Recipes
      interleaved.push_back(static_cast<float>(sum * std::exp(-4 * note) + 1e-3 * (seed / 2147483648.0 - 1)));
    }
  }
  return interleaved;
}

absl::Status WriteRecordings(const std::string& folder, const Options& options) {
  std::filesystem::create_directories(folder);
  for (int number = 0; number < options.recordings; ++number) {
    SF_INFO info = {};
    info.samplerate = kFileRateHz;
    info.channels = kChannels;
    info.format = SF_FORMAT_FLAC | SF_FORMAT_PCM_16;
    SNDFILE* file = sf_open(absl::StrCat(folder, "/", number, ".flac").c_str(), SFM_WRITE, &info);
    if (file == nullptr) return absl::InternalError(sf_strerror(nullptr));
    const std::vector<float> passage = Passage(static_cast<uint32_t>(number));
    for (int64_t left = int64_t{options.seconds} * kFileRateHz; left > 0;) {
      const int64_t frames = std::min<int64_t>(left, passage.size() / kChannels);
      sf_writef_float(file, passage.data(), frames);
      left -= frames;
    }
    sf_close(file);
  }
  return absl::OkStatus();
}

absl::StatusOr<Batch> NextBatch(WindowSampler& sampler, uint64_t seed, double* drawing, double* augmenting) {
  const Watch watch;
  ASSIGN_OR_RETURN(Batch batch, sampler.Draw(kRows));
  const double drawn = watch.Seconds();
  Augment(batch, kAll, kModelRateHz, seed);
  *drawing += drawn;
  *augmenting += watch.Seconds() - drawn;
  return batch;
}

// Delivers batches as fast as they come; returns seconds of audio a second.
absl::StatusOr<double> Deliver(WindowSampler& sampler, int batches) {
  double unused = 0;
  const Watch watch;
  for (int i = 0; i < batches; ++i) RETURN_IF_ERROR(NextBatch(sampler, i, &unused, &unused).status());
  return batches * kBatchSeconds / watch.Seconds();
}

absl::Status Train(WindowSampler& sampler, int steps, Figures& figures) {
  ASSIGN_OR_RETURN(const Architecture* const architecture, FindArchitecture("rave-tiny"));
  ASSIGN_OR_RETURN(const std::unique_ptr<Model> model, architecture->Initialise(1));
  Adam optimiser(model->values().size());
  double drawing = 0, augmenting = 0;
  std::vector<double> learning;
  const Watch all;
  for (int step = 0; step < steps; ++step) {
    ASSIGN_OR_RETURN(const Batch batch, NextBatch(sampler, step, &drawing, &augmenting));
    const Watch watch;
    RETURN_IF_ERROR(
        model->LossAndGradients(batch, {.seed = static_cast<uint64_t>(step), .kl_weight = 0.01}).status());
    optimiser.Step(model->values(), model->gradients(), 1e-4);
    learning.push_back(watch.Seconds());
  }
  figures.waiting = drawing / all.Seconds();
  figures.augmenting = augmenting / all.Seconds();
  std::nth_element(learning.begin(), learning.begin() + learning.size() / 2, learning.end());
  figures.step_seconds = learning[learning.size() / 2];
  return absl::OkStatus();
}

absl::StatusOr<Figures> Measure(const Options& options) {
  SetComputeThreads(1);
  RETURN_IF_ERROR(WriteRecordings(options.folder + "/recordings/tradition", options));
  std::filesystem::create_directories(options.folder + "/state");
  CollectionConfig config;
  config.recordings_directory = options.folder + "/recordings";
  config.state_directory = options.folder + "/state";
  config.consent = "declared-by-operator";
  config.max_recording_seconds = 24 * 3600;
  config.sample_rate_hz = kModelRateHz;
  ASSIGN_OR_RETURN(const std::unique_ptr<Collection> collection, Collection::Open(config));
  const std::atomic<bool> stop = false;
  RETURN_IF_ERROR(collection->Scan(stop));
  std::vector<WindowSource> sources;
  for (const Recording& recording : collection->recordings()) sources.push_back({recording.samples});
  WindowSampler sampler(sources, kWindow, /*seed=*/1, [&](size_t recording, int64_t begin, int64_t samples) {
    return collection->Read(collection->recordings()[recording], kPurpose, begin, samples);
  });
  Figures figures;
  ASSIGN_OR_RETURN(figures.cold_audio_per_second, Deliver(sampler, options.batches));
  ASSIGN_OR_RETURN(figures.audio_per_second, Deliver(sampler, options.batches));
  RETURN_IF_ERROR(Train(sampler, options.steps, figures));
  return figures;
}

}  // namespace
}  // namespace consort::trainer

int main(int argc, char** argv) {
  consort::trainer::Options options;
  CLI::App app("Times the way from FLAC files to batches.", "bench_data_pipeline");
  app.add_option("--folder", options.folder, "an empty folder to work in")->required();
  app.add_option("--recordings", options.recordings)->capture_default_str();
  app.add_option("--seconds", options.seconds, "of each recording")->capture_default_str();
  app.add_option("--batches", options.batches, "that are delivered")->capture_default_str();
  app.add_option("--steps", options.steps, "of training")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  const absl::StatusOr<consort::trainer::Figures> figures = consort::trainer::Measure(options);
  if (!figures.ok()) {
    fprintf(stderr, "bench_data_pipeline: %s\n", std::string(figures.status().message()).c_str());
    return 1;
  }
  printf(
      "{\"audio_per_second\": %.1f, \"cold_audio_per_second\": %.1f, \"step_seconds\": %.4f, "
      "\"audio_per_step\": %.3f, \"waiting\": %.5f, \"augmenting\": %.5f}\n",
      figures->audio_per_second, figures->cold_audio_per_second, figures->step_seconds,
      consort::trainer::kBatchSeconds, figures->waiting, figures->augmenting);
}
