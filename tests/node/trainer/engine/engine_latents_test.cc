// Jobs whose last round adds up what the model's latents are like, through the engine.
#include <cmath>
#include <nlohmann/json.hpp>

#include "common/artifact/safetensors.h"
#include "common/update/manifest.h"
#include "node/trainer/families/latent_totals.h"
#include "node/trainer/families/registry.h"
#include "node/trainer/models/tensor_file.h"
#include "tests/node/trainer/engine/engine_fixture.h"

namespace consort::trainer {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::ReadFileOrDie;
using ::consort::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr int kRate = 44100;
constexpr int64_t kLatents = 16;
constexpr uint32_t kRounds = 2;

v1::JobSpec AnalysingSpec() {
  v1::JobSpec spec = Spec();
  spec.set_rounds(kRounds);
  spec.set_latent_analysis(true);
  return spec;
}

std::vector<float> Recording(uint64_t seed) { return testing::Pluck(seed, 1.2, kRate); }

// Archives whose every recording is of a tradition of its own, so that none is held out.
class EngineLatentsTest : public EngineTest {
 protected:
  std::unique_ptr<Engine> Archive(const std::string& name, const std::vector<uint64_t>& seeds) {
    config_.recordings_directory = directory_.Path(name + "/recordings");
    config_.state_directory = directory_.Path(name + "/state");
    std::filesystem::create_directories(config_.state_directory);
    for (const uint64_t seed : seeds) {
      const std::string folder = config_.recordings_directory + "/" + std::to_string(seed);
      std::filesystem::create_directories(folder);
      testing::WriteSound(folder + "/it.wav", Recording(seed), kRate, testing::SoundFormat::kWavFloat);
    }
    return Opened();
  }

  // The last round of one archive.
  Trained Analyse(Engine& engine, const v1::JobSpec& spec = AnalysingSpec()) {
    const Engine::Prepared prepared = engine.Prepare(spec, Base()).value();
    v1::TrainHeader header;
    header.set_spec(spec.SerializeAsString());
    header.set_manifest(prepared.last_manifest);
    header.set_round_id("round-2");
    header.set_round_number(kRounds);
    header.set_archive("archive-cn-1");
    return Train(engine, spec, header, prepared.state);
  }

  // The state that a coordinator makes of the sums.
  static std::string StateOf(const std::vector<float>& sums) {
    return AddTensors(Base(), LatentTotals::Tensors(kLatents), sums).value();
  }
  static nlohmann::json LatentsOf(const std::string& state) {
    FamilyTerms terms;
    terms.analysis_round = kRounds;
    const auto model = (*FindFamily("rave-tiny"))->Load(terms, 1, Base(), state).value();
    return nlohmann::json::parse(model->Describe().value()).at("latents");
  }
};

TEST_F(EngineLatentsTest, LastRoundSendsSumsAloneAndTheStateHasRoomForThem) {
  const auto engine = Archive("one", {1});
  const Engine::Prepared prepared = engine->Prepare(AnalysingSpec(), Base()).value();
  const Manifest last = Manifest::Parse(prepared.last_manifest).value();
  EXPECT_EQ(last.delta_coordinates(), 0);
  EXPECT_EQ(last.statistic_coordinates(), 3 * (1 + 16 + 256));
  const SafetensorsHeader state = SafetensorsHeader::Parse(prepared.state, prepared.state.size()).value();
  for (const Segment& segment : last.segments()) {
    ASSERT_NE(state.Find(segment.name), nullptr) << segment.name;
    EXPECT_EQ(state.Find(segment.name)->shape, segment.shape);
  }
  const v1::JobSpec without = Spec();
  EXPECT_THAT(engine->Prepare(without, Base())->last_manifest, IsEmpty());
}

// Expected values: the latents of each recording, added up by plain loops.
TEST_F(EngineLatentsTest, TwoArchivesAddUpToWhatOneWithAllRecordingsFinds) {
  const Trained first = Analyse(*Archive("first", {1, 2}));
  const Trained second = Analyse(*Archive("second", {3}));
  const Trained pooled = Analyse(*Archive("pooled", {1, 2, 3}));
  ASSERT_THAT(first.result, IsOk());
  ASSERT_THAT(second.result, IsOk());
  ASSERT_THAT(pooled.result, IsOk());
  std::vector<float> sums = first.values;
  for (size_t i = 0; i < sums.size(); ++i) sums[i] += second.values[i];
  const nlohmann::json federated = LatentsOf(StateOf(sums));
  EXPECT_EQ(federated, LatentsOf(StateOf(pooled.values)));

  const auto model = FindArchitecture("rave-tiny").value()->Load(Base(), {}, Adaptation()).value();
  double frames = 0;
  std::vector<double> mean(kLatents);
  double variance = 0;
  std::vector<std::vector<float>> all;
  for (const uint64_t seed : {1, 2, 3}) {
    all.push_back(model->Encode(Recording(seed)).value());
    const size_t length = all.back().size() / kLatents;
    frames += static_cast<double>(length);
    for (size_t i = 0; i < all.back().size(); ++i) mean[i / length] += all.back()[i];
  }
  for (double& value : mean) value /= frames;
  EXPECT_EQ(federated.at("frames").get<double>(), frames);
  for (int64_t latent = 0; latent < kLatents; ++latent) {
    EXPECT_NEAR(federated.at("mean")[latent].get<double>(), mean[latent], 1e-5) << latent;
  }
  // The trace of the covariance, by the sums and by the latents.
  const auto totals = LatentTotals::Read(kLatents, StateOf(sums)).value()->Sums();
  double by_sums = 0;
  for (int64_t i = 0; i < kLatents; ++i) {
    by_sums += totals[1 + kLatents + i * kLatents + i] / frames - mean[i] * mean[i];
  }
  for (const std::vector<float>& latents : all) {
    const size_t length = latents.size() / kLatents;
    for (size_t i = 0; i < latents.size(); ++i)
      variance += std::pow(latents[i] - mean[i / length], 2) / frames;
  }
  EXPECT_NEAR(by_sums, variance, 1e-4 * variance + 1e-5);
}

TEST_F(EngineLatentsTest, RoundTrainsNothingAndTheUseLogSaysWhatItDid) {
  v1::JobSpec spec = AnalysingSpec();
  spec.mutable_local()->add_augmentations(v1::AUGMENTATION_GAIN);
  spec.set_objective(v1::OBJECTIVE_MINIMAX);
  config_.augmentations.gain = true;
  const auto engine = Archive("one", {1, 2});
  const Trained trained = Analyse(*engine, spec);
  ASSERT_THAT(trained.result, IsOk());
  EXPECT_EQ(trained.result->windows(), 2u);
  EXPECT_THAT(trained.result->augmentations(), IsEmpty());
  EXPECT_THAT(trained.result->losses(), IsEmpty());
  EXPECT_EQ(progress_.steps_done(), 2u);
  const std::string log = ReadFileOrDie(config_.state_directory + "/use.jsonl");
  EXPECT_THAT(log, HasSubstr("\"use\":\"analyse-latents\""));
  EXPECT_THAT(log, ::testing::Not(HasSubstr("\"use\":\"train\"")));
}

TEST_F(EngineLatentsTest, TooLittleAudioIsSaidAndTheModelIsEvaluatedAllTheSame) {
  const auto engine = Archive("one", {1});  // 1.2 s: 104 frames of 512 samples
  const Trained trained = Analyse(*engine);
  ASSERT_THAT(trained.result, IsOk());
  const std::string state = StateOf(trained.values);
  EXPECT_EQ(LatentsOf(state),
            (nlohmann::json{{"frames", 104}, {"latents", 16}, {"problem", "too-few-latent-frames"}}));
  EXPECT_THAT(Evaluate(*engine, AnalysingSpec(), state), IsOk());
}

TEST_F(EngineLatentsTest, StoppedAnalysisIsCancelled) {
  const auto engine = Archive("one", {1});
  stop_ = true;
  EXPECT_THAT(Analyse(*engine).result, StatusIs(absl::StatusCode::kCancelled, ::testing::_));
}

TEST_F(EngineLatentsTest, AdaptersAreAnalysedToo) {
  v1::JobSpec spec = AnalysingSpec();
  spec.set_method(v1::METHOD_ADAPTER_ALTERNATING);
  spec.set_adapter_rank(2);
  spec.set_adapter_alpha(4);
  const auto engine = Archive("one", {1});
  EXPECT_THAT(engine->Prepare(spec, Base())->manifests, SizeIs(2));
  const Trained adapted = Analyse(*engine, spec);
  ASSERT_THAT(adapted.result, IsOk());
  // Adapters start at zero: the latents are the base's.
  EXPECT_EQ(adapted.values, Analyse(*engine).values);
}

TEST_F(EngineLatentsTest, JobsThatHaveNoSuchRoundAreRefused) {
  const auto engine = Archive("one", {1});
  v1::JobSpec spec = AnalysingSpec();
  spec.set_rounds(1);
  EXPECT_THAT(engine->Prepare(spec, Base()).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("wrong-job")));
  spec = AnalysingSpec();
  spec.set_architecture("descriptor-mixture");
  spec.add_traditions("qudi");
  spec.mutable_local()->set_window_samples(44100);
  EXPECT_THAT(engine->Prepare(spec, {}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("latent_analysis")));
}

}  // namespace
}  // namespace consort::trainer
