// Control variates of two archives, through the engine.
#include "common/crypto/digest.h"
#include "common/update/manifest.h"
#include "node/trainer/training/state_tensors.h"
#include "tests/node/trainer/engine/engine_fixture.h"

namespace consort::trainer {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

v1::JobSpec ScaffoldSpec() {
  v1::JobSpec spec = Spec();
  spec.set_rounds(4);
  spec.set_method(v1::METHOD_ADAPTER_FROZEN_A);
  spec.set_adapter_rank(2);
  spec.set_adapter_alpha(4);
  spec.mutable_local()->set_scaffold(true);
  return spec;
}

class ScaffoldTest : public EngineTest {
 protected:
  ScaffoldTest() {
    other_ = config_;
    other_.recordings_directory = directory_.Path("other");
    other_.state_directory = directory_.Path("other-state");
    std::filesystem::create_directories(other_.recordings_directory + "/qudi");
    std::filesystem::create_directory(other_.state_directory);
    for (int i = 0; i < 6; ++i) {
      testing::WriteSound(other_.recordings_directory + "/qudi/" + std::to_string(i) + ".wav",
                          testing::Pluck(100 + i, 1, 22050), 22050);
    }
  }

  std::unique_ptr<Engine> OpenedOther() {
    auto engine = Engine::Open(other_).value();
    EXPECT_THAT(engine->Scan(stop_), IsOk());
    return engine;
  }

  EngineConfig other_;
};

// What the coordinator makes of the archives' statistics: their sums stand in the state.
std::string StateWith(const Engine::Prepared& prepared, const std::vector<std::vector<float>>& archives) {
  const Manifest manifest = Manifest::Parse(prepared.manifests[0]).value();
  std::vector<NamedTensor> tensors;
  std::vector<float> sums;
  size_t next = 0;
  for (const Segment& segment : manifest.segments()) {
    const bool control = absl::string_view(segment.name).substr(0, 18) == "statistics/control";
    if (control) tensors.push_back({segment.name, segment.shape});
    for (int64_t i = 0; i < segment.size(); ++i, ++next) {
      if (!control) continue;
      float sum = 0;
      for (const std::vector<float>& values : archives) sum += values[next];
      sums.push_back(sum);
    }
  }
  return WithTensors(WithoutTensors(prepared.state, "statistics/control").value(), tensors, sums).value();
}

// The deltas among an update's values.
std::vector<float> Deltas(const std::vector<float>& values, const Engine::Prepared& prepared) {
  const int64_t deltas = Manifest::Parse(prepared.manifests[0])->delta_coordinates();
  return {values.begin(), values.begin() + deltas};
}

TEST_F(ScaffoldTest, UpdateHoldsAControlVariateForEachValueAndOneArchive) {
  const auto engine = Opened();
  const Engine::Prepared prepared = engine->Prepare(ScaffoldSpec(), Base()).value();
  const Manifest manifest = Manifest::Parse(prepared.manifests[0]).value();
  // Beside the deltas as many control variates, the number of windows, and that of archives.
  EXPECT_EQ(manifest.statistic_coordinates(), manifest.delta_coordinates() + 2);
  const Trained trained = Train(*engine, ScaffoldSpec(), prepared.state);
  ASSERT_THAT(trained.result, IsOk());
  ASSERT_THAT(trained.values, SizeIs(manifest.coordinates() - 1));
  EXPECT_EQ(trained.values.back(), 1);
  EXPECT_EQ(trained.values[manifest.delta_coordinates()], 3);  // windows
}

TEST_F(ScaffoldTest, OtherArchivesGradientsSteerTheNextRoundAndOnesOwnAloneDoNot) {
  const auto engine = Opened(), other = OpenedOther();
  const v1::JobSpec spec = ScaffoldSpec();
  const Engine::Prepared prepared = engine->Prepare(spec, Base()).value();
  const Trained first = Train(*engine, spec, prepared.state);
  const Trained second = Train(*other, spec, prepared.state);
  ASSERT_THAT(first.result, IsOk());
  ASSERT_THAT(second.result, IsOk());
  const auto next_round = [&](const std::string& state) {
    const Trained trained = Train(*engine, spec, state, /*round=*/2);
    EXPECT_THAT(trained.result, IsOk());
    return Deltas(trained.values, prepared);
  };
  const std::vector<float> uncorrected = next_round(prepared.state);
  // Alone, c is c_i: nothing is corrected, to the last bit.
  EXPECT_EQ(next_round(StateWith(prepared, {first.values})), uncorrected);
  const std::string both = StateWith(prepared, {first.values, second.values});
  const std::vector<float> corrected = next_round(both);
  EXPECT_NE(corrected, uncorrected);
  EXPECT_EQ(next_round(both), corrected);
  EXPECT_THAT(Evaluate(*engine, spec, both), IsOk());
}

TEST_F(ScaffoldTest, ArchiveThatWasNeverAskedTrainsWithoutCorrection) {
  const auto engine = Opened(), other = OpenedOther();
  const v1::JobSpec spec = ScaffoldSpec();
  const Engine::Prepared prepared = engine->Prepare(spec, Base()).value();
  const Trained first = Train(*engine, spec, prepared.state);
  const std::string state = StateWith(prepared, {first.values});
  EXPECT_EQ(Deltas(Train(*other, spec, state, /*round=*/2).values, prepared),
            Deltas(Train(*other, spec, prepared.state, /*round=*/2).values, prepared));
}

TEST_F(ScaffoldTest, GoesWithFedProxAndOwnCopies) {
  v1::JobSpec spec = ScaffoldSpec();
  spec.mutable_local()->set_proximal_mu(0.1);
  spec.mutable_personal()->set_enabled(true);
  spec.mutable_personal()->set_lambda(0.1);
  const auto engine = Opened(), other = OpenedOther();
  const Engine::Prepared prepared = engine->Prepare(spec, Base()).value();
  const Trained first = Train(*engine, spec, prepared.state);
  const Trained second = Train(*other, spec, prepared.state);
  ASSERT_THAT(first.result, IsOk());
  EXPECT_EQ(progress_.steps_total(), 6u);
  const std::string state = StateWith(prepared, {first.values, second.values});
  const std::string copy = config_.state_directory + "/personal-" + Sha256Hex(spec.SerializeAsString());
  const Trained corrected = Train(*engine, spec, state, /*round=*/2);
  ASSERT_THAT(corrected.result, IsOk());
  const std::string kept = consort::testing::ReadFileOrDie(copy + "-2");
  EXPECT_THAT(kept, Not(HasSubstr("statistics/control")));
  // The copy follows its own gradients only.
  ASSERT_THAT(Train(*engine, spec, prepared.state, /*round=*/2).result, IsOk());
  EXPECT_EQ(consort::testing::ReadFileOrDie(copy + "-2"), kept);
}

TEST_F(ScaffoldTest, ModelOfSuchAJobIsABaseForTheNext) {
  v1::JobSpec spec = ScaffoldSpec();
  spec.set_method(v1::METHOD_FULL);
  spec.clear_adapter_rank();
  spec.clear_adapter_alpha();
  const auto engine = Opened();
  const std::string state = engine->Prepare(spec, Base()).value().state;
  EXPECT_THAT(state, HasSubstr("statistics/control-archives"));
  EXPECT_THAT(engine->Prepare(Spec(), state), IsOk());
}

TEST_F(ScaffoldTest, FactorsThatTakeTurnsAreRefused) {
  v1::JobSpec spec = ScaffoldSpec();
  spec.set_method(v1::METHOD_ADAPTER_ALTERNATING);
  EXPECT_THAT(Opened()->Prepare(spec, Base()).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("wrong-job: local.scaffold")));
  spec = ScaffoldSpec();
  spec.set_cohort_bound(2048);
  EXPECT_THAT(Opened()->Plan(spec).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("at most 2047")));
}

}  // namespace
}  // namespace consort::trainer
