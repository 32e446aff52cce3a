// Families, methods and material of jobs, through the engine.
#include <algorithm>
#include <cmath>
#include <set>

#include "common/artifact/safetensors.h"
#include "common/update/manifest.h"
#include "node/trainer/families/registry.h"
#include "tests/node/trainer/engine/engine_fixture.h"

namespace consort::trainer {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::ReadFileOrDie;
using ::consort::testing::StatusIs;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

class EngineFamiliesTest : public EngineTest {};

std::set<std::string> DeltasOf(const std::string& manifest) {
  std::set<std::string> names;
  const Manifest parsed = Manifest::Parse(manifest).value();
  for (const Segment& segment : parsed.segments()) {
    if (segment.kind == SegmentKind::kDelta) names.insert(segment.name.substr(segment.name.rfind('.')));
  }
  return names;
}

v1::JobSpec AlternatingSpec() {
  v1::JobSpec spec = Spec();
  spec.set_method(v1::METHOD_ADAPTER_ALTERNATING);
  spec.set_adapter_rank(2);
  spec.set_adapter_alpha(4);
  return spec;
}

TEST_F(EngineFamiliesTest, AlternatingAdaptersTrainBThenAAndTheStateHoldsBoth) {
  const auto engine = Opened();
  const Engine::Prepared prepared = engine->Prepare(AlternatingSpec(), Base()).value();
  ASSERT_THAT(prepared.manifests, SizeIs(2));
  EXPECT_THAT(DeltasOf(prepared.manifests[0]), ElementsAre(".lora_B"));
  EXPECT_THAT(DeltasOf(prepared.manifests[1]), ElementsAre(".lora_A"));
  const SafetensorsHeader state = SafetensorsHeader::Parse(prepared.state, prepared.state.size()).value();
  EXPECT_NE(state.Find("encoder.head.weight.lora_A"), nullptr);
  EXPECT_NE(state.Find("encoder.head.weight.lora_B"), nullptr);

  const Trained first = Train(*engine, AlternatingSpec(), prepared.state, /*round=*/1);
  const Trained second = Train(*engine, AlternatingSpec(), prepared.state, /*round=*/2);
  ASSERT_THAT(first.result, IsOk());
  ASSERT_THAT(second.result, IsOk());
  EXPECT_EQ(first.values.size(), Manifest::Parse(prepared.manifests[0])->coordinates() - 1u);
  EXPECT_EQ(second.values.size(), Manifest::Parse(prepared.manifests[1])->coordinates() - 1u);
}

TEST_F(EngineFamiliesTest, ManifestOfAnotherTurnIsRefused) {
  const auto engine = Opened();
  v1::TrainHeader header;
  header.set_manifest(engine->Prepare(AlternatingSpec(), Base()).value().manifests[0]);
  header.set_round_number(2);
  EXPECT_THAT(Train(*engine, AlternatingSpec(), header, {}).result,
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("wrong-manifest")));
}

TEST_F(EngineFamiliesTest, FrozenTensorsAreNotSent) {
  v1::JobSpec spec = Spec();
  spec.add_frozen_tensors("encoder.*");
  const Manifest manifest = Manifest::Parse(Opened()->Prepare(spec, Base()).value().manifests[0]).value();
  for (const Segment& segment : manifest.segments()) EXPECT_THAT(segment.name, Not(StartsWith("encoder.")));
  spec.add_frozen_tensors("nothing.*");
  EXPECT_THAT(Opened()->Prepare(spec, Base()).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("nothing.*")));
}

TEST_F(EngineFamiliesTest, LossesAreToldOnlyToObjectivesThatAskForThem) {
  const auto engine = Opened();
  EXPECT_THAT(Train(*engine, Spec()).result->losses(), IsEmpty());
  v1::JobSpec spec = Spec();
  spec.set_objective(v1::OBJECTIVE_MINIMAX);
  const v1::TrainResult result = Train(*engine, spec).result.value();
  ASSERT_THAT(result.losses(), SizeIs(1));
  EXPECT_EQ(result.losses(0).tradition(), "qudi");
  EXPECT_GT(result.losses(0).loss(), 0);
  EXPECT_EQ(result.losses(0).windows(), 6u);  // two of each of three training recordings
}

TEST_F(EngineFamiliesTest, SilentWindowsHaveNoLossAndDoNoHarm) {
  // Every training recording begins with so much silence that most windows hold nothing else.
  std::filesystem::remove_all(config_.recordings_directory + "/qudi");
  std::filesystem::create_directory(config_.recordings_directory + "/qudi");
  for (uint64_t i = 0; i < 6; ++i) {
    std::vector<float> sound(8 * 22050, 0.0f);
    const std::vector<float> pluck = testing::Pluck(i, 1, 22050);
    sound.insert(sound.end(), pluck.begin(), pluck.end());
    testing::WriteSound(config_.recordings_directory + "/qudi/" + std::to_string(i) + ".wav", sound, 22050);
  }
  v1::JobSpec spec = Spec();
  spec.set_objective(v1::OBJECTIVE_MINIMAX);
  const Trained trained = Train(*Opened(), spec);
  ASSERT_THAT(trained.result, IsOk());
  ASSERT_THAT(trained.result->losses(), SizeIs(1));
  // A sounding window of an untrained model is some 20 to 40 away.
  EXPECT_GT(trained.result->losses(0).loss(), 1);
  EXPECT_LT(trained.result->losses(0).loss(), 1000);
}

TEST_F(EngineFamiliesTest, RoundTrainedAgainGivesTheSameBitsThoughDiscriminatorsAreKept) {
  v1::JobSpec spec = Spec();
  spec.mutable_model()->set_adversarial_round(1);
  const auto engine = Opened();
  const Trained first = Train(*engine, spec, {}, /*round=*/1);
  ASSERT_THAT(first.result, IsOk());
  EXPECT_EQ(Train(*engine, spec, {}, /*round=*/1).values, first.values);
  const Trained second = Train(*engine, spec, {}, /*round=*/2);
  ASSERT_THAT(second.result, IsOk());
  EXPECT_EQ(Train(*engine, spec, {}, /*round=*/2).values, second.values);
}

TEST_F(EngineFamiliesTest, LastRoundIsMeasuredInEveryWayAndEarlierOnesAreNot) {
  v1::JobSpec spec = Spec();
  spec.set_rounds(2);  // the fixture evaluates round 1
  const auto engine = Opened();
  EXPECT_THAT(Evaluate(*engine, spec, {})->scores(0).measures(), IsEmpty());
  spec.set_rounds(1);
  const v1::EvaluateResult result = Evaluate(*engine, spec, {}).value();
  EXPECT_EQ(result.measure(), "multi-scale-stft-distance.v1");
  const v1::TraditionScores& scores = result.scores(0);
  EXPECT_THAT(scores.yardstick(), SizeIs(3));
  EXPECT_THAT(scores.yardstick(), Each(Ge(0.0)));
  std::set<std::string> names;
  for (const v1::MeasureScores& measure : scores.measures()) {
    names.insert(measure.name());
    if (measure.set_size() > 0) continue;
    EXPECT_THAT(measure.pairs(), SizeIs(3)) << measure.name();
    // The same model before and after.
    for (const v1::ScorePair& pair : measure.pairs())
      EXPECT_EQ(pair.before(), pair.after()) << measure.name();
  }
  for (const char* name : {"spectral-convergence", "log-mel-distance", "loudness-difference",
                           "raw-pitch-accuracy", "raw-chroma-accuracy", "onset-f1"}) {
    EXPECT_EQ(names.count(name), 1u) << name;
  }
}

TEST_F(EngineFamiliesTest, HoldoutRecordingThatIsSilentInItsMiddleIsScoredElsewhere) {
  std::filesystem::remove_all(config_.recordings_directory + "/qudi");
  std::filesystem::create_directory(config_.recordings_directory + "/qudi");
  for (uint64_t i = 0; i < 6; ++i) {
    std::vector<float> sound = testing::Pluck(i, 2, 22050);
    sound.resize(14 * 22050);  // 12 s of digital silence
    const std::vector<float> end = testing::Pluck(i + 1, 2, 22050);
    sound.insert(sound.end(), end.begin(), end.end());
    testing::WriteSound(config_.recordings_directory + "/qudi/" + std::to_string(i) + ".wav", sound, 22050);
  }
  v1::JobSpec spec = Spec();
  spec.set_rounds(1);  // so that the first is the last, which has every measure
  spec.mutable_evaluation()->set_max_recordings_per_tradition(1);
  const auto result = Evaluate(*Opened(), spec, {});
  ASSERT_THAT(result, IsOk());
  ASSERT_THAT(result->scores(), SizeIs(1));
  ASSERT_THAT(result->scores(0).pairs(), SizeIs(1));
  EXPECT_LT(result->scores(0).pairs(0).before(), 1000);
}

TEST_F(EngineFamiliesTest, AugmentationsNeedTheCustodiansConsentAndAreCounted) {
  v1::JobSpec spec = Spec();
  spec.mutable_local()->add_augmentations(v1::AUGMENTATION_GAIN);
  spec.mutable_local()->add_augmentations(v1::AUGMENTATION_MUTE);
  config_.augmentations = {};
  config_.augmentations.gain = true;
  const Trained allowed = Train(*Opened(), spec);
  EXPECT_THAT(allowed.result->augmentations(), ElementsAre(v1::AUGMENTATION_GAIN));
  EXPECT_EQ(allowed.result->augmented_windows(), 3u);
  config_.augmentations = {};
  const Trained forbidden = Train(*Opened(), spec);
  EXPECT_THAT(forbidden.result->augmentations(), IsEmpty());
  EXPECT_EQ(forbidden.result->augmented_windows(), 0u);
  EXPECT_NE(allowed.values, forbidden.values);
}

TEST_F(EngineFamiliesTest, SelectionBoundsTheSecondsOfATraditionAndWritesDownWhy) {
  v1::JobSpec spec = Spec();
  spec.mutable_local()->set_selection(v1::SELECTION_K_CENTRE);
  spec.mutable_local()->set_max_training_seconds(2);  // of three recordings of a second
  const auto engine = Opened();
  EXPECT_EQ(engine->Plan(spec)->supplies(0).training_recordings(), 2u);
  EXPECT_EQ(engine->Plan(spec)->supplies(0).holdout_recordings(), 3u);
  EXPECT_EQ(Train(*engine, spec).result->recordings_chosen(), 2u);
  const std::string log = ReadFileOrDie(config_.state_directory + "/use.jsonl");
  EXPECT_THAT(log, HasSubstr("\"use\":\"chosen\""));
  spec.mutable_local()->set_selection(v1::SELECTION_ALL);
  EXPECT_EQ(engine->Plan(spec)->supplies(0).training_recordings(), 3u);
}

TEST_F(EngineFamiliesTest, MixtureIsLearntAndJudgedByItsLogLoss) {
  v1::JobSpec spec = Spec();
  spec.set_architecture("descriptor-mixture");
  spec.add_traditions("qudi");
  spec.mutable_local()->set_window_samples(44100);
  spec.set_rounds(1);
  FamilyTerms terms;
  terms.traditions = {"qudi"};
  const Family& family = **FindFamily("descriptor-mixture");
  terms.model = family.facts().defaults;
  const std::string base = family.Load(terms, 1, {}, {}).value()->Export({}).value();
  const auto engine = Opened();
  const Engine::Prepared prepared = engine->Prepare(spec, base).value();
  v1::TrainHeader header;
  header.set_manifest(prepared.manifests[0]);
  header.set_round_number(1);
  std::vector<float> values;
  const auto result = engine->Train(
      spec, header, base, prepared.state, [](const v1::TrainProgress&) {},
      [&](absl::Span<const float> block) {
        values.insert(values.end(), block.begin(), block.end());
        return absl::OkStatus();
      },
      stop_);
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(values.size(), Manifest::Parse(prepared.manifests[0])->coordinates() - 1u);
  EXPECT_GT(result->windows(), 0u);
  const v1::EvaluateResult scores =
      engine
          ->Evaluate(
              spec, {}, base, {}, prepared.state, [](const v1::TrainProgress&) {}, stop_)
          .value();
  EXPECT_EQ(scores.measure(), "log-loss.v1");
}

TEST_F(EngineFamiliesTest, MixtureHearsARecordingThatHasChangedSinceTheLastRound) {
  v1::JobSpec spec = Spec();
  spec.set_architecture("descriptor-mixture");
  spec.add_traditions("qudi");
  spec.mutable_local()->set_window_samples(44100);
  FamilyTerms terms;
  terms.traditions = {"qudi"};
  const Family& family = **FindFamily("descriptor-mixture");
  terms.model = family.facts().defaults;
  const std::string base = family.Load(terms, 1, {}, {}).value()->Export({}).value();
  const auto engine = Opened();
  v1::TrainHeader header;
  header.set_manifest(engine->Prepare(spec, base).value().manifests[0]);
  header.set_round_number(1);
  const auto statistics = [&] {
    std::vector<float> values;
    EXPECT_THAT(engine->Train(
                    spec, header, base, {}, [](const v1::TrainProgress&) {},
                    [&](absl::Span<const float> block) {
                      values.insert(values.end(), block.begin(), block.end());
                      return absl::OkStatus();
                    },
                    stop_),
                IsOk());
    return values;
  };
  const std::vector<float> before = statistics();
  EXPECT_EQ(statistics(), before);
  for (int i = 0; i < 6; ++i) AddRecording("qudi/" + std::to_string(i) + ".wav", i + 6);
  EXPECT_NE(statistics(), before);
}

TEST_F(EngineFamiliesTest, AdapterWithoutABaseIsRefused) {
  EXPECT_THAT(Opened()->Prepare(AlternatingSpec(), {}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("wrong-job")));
}

}  // namespace
}  // namespace consort::trainer
