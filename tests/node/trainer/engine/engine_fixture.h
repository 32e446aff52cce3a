// An engine over a small folder of plucked strings.
#ifndef CONSORT_TESTS_NODE_TRAINER_ENGINE_ENGINE_FIXTURE_H_
#define CONSORT_TESTS_NODE_TRAINER_ENGINE_ENGINE_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "node/trainer/engine.h"
#include "node/trainer/models/registry.h"
#include "tests/node/trainer/support/sound_files.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::trainer {

inline v1::JobSpec Spec() {
  v1::JobSpec spec;
  spec.set_name("test job");
  spec.set_architecture("rave-tiny");
  spec.set_method(v1::METHOD_FULL);
  spec.set_purpose("train.generative");
  spec.set_clip_norm(10);
  spec.set_max_weight(1000);
  spec.set_cohort_bound(10);
  spec.set_seed(1);
  spec.mutable_local()->set_steps(3);
  spec.mutable_local()->set_batch_size(1);
  spec.mutable_local()->set_window_samples(33 * 512);
  spec.mutable_local()->set_learning_rate(1e-3);
  return spec;
}

inline const std::string& Base() {
  static const std::string base =
      FindArchitecture("rave-tiny").value()->Initialise(1).value()->SaveMerged({}).value();
  return base;
}

struct Trained {
  absl::StatusOr<v1::TrainResult> result;
  std::vector<float> values;
};

class EngineTest : public ::testing::Test {
 protected:
  EngineTest() {
    config_.recordings_directory = directory_.Path("recordings");
    config_.state_directory = directory_.Path("state");
    config_.listening_directory = directory_.Path("listening");
    config_.consent = "declared-by-operator";
    config_.threads = 1;
    std::filesystem::create_directories(config_.recordings_directory + "/qudi");
    std::filesystem::create_directory(config_.state_directory);
    for (int i = 0; i < 6; ++i) AddRecording("qudi/" + std::to_string(i) + ".wav", i);
  }

  void AddRecording(const std::string& name, uint64_t seed) {
    testing::WriteSound(config_.recordings_directory + "/" + name, testing::Pluck(seed, 1, 22050), 22050);
  }

  std::unique_ptr<Engine> Opened() {
    auto engine = Engine::Open(config_).value();
    EXPECT_THAT(engine->Scan(stop_), consort::testing::IsOk());
    return engine;
  }

  Trained Train(Engine& engine, const v1::JobSpec& spec, const std::string& state = {}, uint32_t round = 1) {
    v1::TrainHeader header;
    header.set_spec(spec.SerializeAsString());
    header.set_manifest(
        engine.Prepare(spec, Base())
            .value()
            .manifests.at((round - 1) % engine.Prepare(spec, Base()).value().manifests.size()));
    header.set_round_id("round-" + std::to_string(round));
    header.set_round_number(round);
    header.set_archive("archive-cn-1");
    return Train(engine, spec, header, state);
  }

  Trained Train(Engine& engine, const v1::JobSpec& spec, const v1::TrainHeader& header,
                const std::string& state) {
    Trained trained;
    trained.result = engine.Train(
        spec, header, Base(), state, [this](const v1::TrainProgress& progress) { progress_ = progress; },
        [&](absl::Span<const float> values) {
          EXPECT_LE(values.size(), 256u * 1024);
          trained.values.insert(trained.values.end(), values.begin(), values.end());
          return absl::OkStatus();
        },
        stop_);
    return trained;
  }

  absl::StatusOr<v1::EvaluateResult> Evaluate(Engine& engine, const v1::JobSpec& spec,
                                              const std::string& after, bool listen = false) {
    v1::EvaluateHeader header;
    header.set_round_id("round-1");
    header.set_round_number(1);
    header.set_write_listening_files(listen);
    return engine.Evaluate(
        spec, header, Base(), /*before=*/{}, after, [](const v1::TrainProgress&) {}, stop_);
  }

  consort::testing::TemporaryDirectory directory_;
  EngineConfig config_;
  Engine::Stop stop_{false};
  v1::TrainProgress progress_;
};

}  // namespace consort::trainer

#endif  // CONSORT_TESTS_NODE_TRAINER_ENGINE_ENGINE_FIXTURE_H_
