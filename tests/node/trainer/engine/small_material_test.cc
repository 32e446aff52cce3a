// Archives that have next to nothing, for every family.
#include <cmath>

#include "tests/node/trainer/engine/engine_fixture.h"

namespace consort::trainer {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::Property;
using ::testing::SizeIs;
using ::testing::StartsWith;

class SmallMaterialTest : public EngineTest, public ::testing::WithParamInterface<const char*> {
 protected:
  SmallMaterialTest() {
    std::filesystem::remove_all(config_.recordings_directory + "/qudi");
    std::filesystem::create_directory(config_.recordings_directory + "/qudi");
  }

  v1::JobSpec SpecOfFamily() const {
    v1::JobSpec spec = Spec();
    spec.set_architecture(GetParam());
    spec.add_traditions("qudi");
    spec.mutable_local()->set_batch_size(2);  // attribute-vae compares windows
    const bool whole_seconds = spec.architecture() == "descriptor-mixture";
    spec.mutable_local()->set_window_samples(whole_seconds ? 44100 : 65536);
    return spec;
  }

  void AddSound(const std::string& name, const std::vector<float>& sound) {
    testing::WriteSound(config_.recordings_directory + "/qudi/" + name, sound, 22050);
  }

  // A round from the untrained model of the family.
  Trained TrainOnce(Engine& engine) {
    const v1::JobSpec spec = SpecOfFamily();
    const Engine::Prepared prepared = engine.Prepare(spec, /*base=*/{}).value();
    v1::TrainHeader header;
    header.set_spec(spec.SerializeAsString());
    header.set_manifest(prepared.manifests[0]);
    header.set_round_number(1);
    Trained trained;
    trained.result = engine.Train(
        spec, header, /*base=*/{}, prepared.state, [](const v1::TrainProgress&) {},
        [&](absl::Span<const float> values) {
          trained.values.insert(trained.values.end(), values.begin(), values.end());
          return absl::OkStatus();
        },
        stop_);
    return trained;
  }

  void ExpectTrainsToFiniteValues() {
    const auto engine = Opened();
    const Trained trained = TrainOnce(*engine);
    ASSERT_THAT(trained.result, IsOk());
    EXPECT_GT(trained.result->windows(), 0u);
    for (const float value : trained.values) ASSERT_TRUE(std::isfinite(value));
  }
};

TEST_P(SmallMaterialTest, SingleRecordingIsTrainedOnAndNothingIsHeldOut) {
  AddSound("only.wav", testing::Pluck(1, 3, 22050));
  ExpectTrainsToFiniteValues();
  const auto engine = Opened();
  const v1::PlanResponse plan = engine->Plan(SpecOfFamily()).value();
  ASSERT_THAT(plan.supplies(), SizeIs(1));
  EXPECT_EQ(plan.supplies(0).training_recordings(), 1u);
  EXPECT_EQ(plan.supplies(0).holdout_recordings(), 0u);
  const Engine::Prepared prepared = engine->Prepare(SpecOfFamily(), {}).value();
  const auto evaluated = engine->Evaluate(
      SpecOfFamily(), {}, {}, {}, prepared.state, [](const v1::TrainProgress&) {}, stop_);
  ASSERT_THAT(evaluated, IsOk());
  for (const v1::TraditionScores& scores : evaluated->scores()) EXPECT_THAT(scores.pairs(), SizeIs(0));
}

TEST_P(SmallMaterialTest, RecordingShorterThanAWindowIsOneWindow) {
  AddSound("short.wav", testing::Pluck(1, 1.2, 22050));  // windows of networks have 1.5 s
  ExpectTrainsToFiniteValues();
}

TEST_P(SmallMaterialTest, SilenceAloneIsNoUsableRecording) {
  AddSound("silence.wav", std::vector<float>(3 * 22050));
  const auto engine = Opened();
  EXPECT_THAT(engine->Describe().problems(), ElementsAre(Property(&v1::RecordingProblem::code, "silent")));
  EXPECT_THAT(TrainOnce(*engine).result,
              StatusIs(absl::StatusCode::kFailedPrecondition, StartsWith("no-usable-recording")));
}

TEST_P(SmallMaterialTest, RecordingWithoutAWindowIsNoUsableRecording) {
  AddSound("click.wav", testing::Pluck(1, 0.05, 22050));
  const auto engine = Opened();
  EXPECT_THAT(engine->Describe().problems(), ElementsAre(Property(&v1::RecordingProblem::code, "too-short")));
  EXPECT_THAT(TrainOnce(*engine).result,
              StatusIs(absl::StatusCode::kFailedPrecondition, StartsWith("no-usable-recording")));
}

INSTANTIATE_TEST_SUITE_P(EachFamily, SmallMaterialTest,
                         ::testing::Values("rave-tiny", "attribute-vae", "descriptor-mixture"),
                         [](const auto& family) {
                           std::string name = family.param;
                           for (char& letter : name) letter = letter == '-' ? '_' : letter;
                           return name;
                         });

}  // namespace
}  // namespace consort::trainer
