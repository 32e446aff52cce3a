#include "node/trainer/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "common/update/manifest.h"
#include "node/trainer/models/registry.h"
#include "tests/node/trainer/engine/engine_fixture.h"
#include "tests/node/trainer/support/sound_files.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::trainer {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::ReadFileOrDie;
using ::consort::testing::StatusIs;
using ::consort::testing::TemporaryDirectory;
using ::consort::testing::WriteFileOrDie;
using ::consort::trainer::testing::Pluck;
using ::consort::trainer::testing::WriteSound;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

TEST_F(EngineTest, DescribesCountsSecondsAndProblemsOnly) {
  WriteFileOrDie(config_.recordings_directory + "/qudi/broken.flac", "not a sound");
  const v1::DescribeResponse description = Opened()->Describe();
  ASSERT_THAT(description.supplies(), SizeIs(1));
  EXPECT_EQ(description.supplies(0).tradition(), "qudi");
  EXPECT_EQ(description.supplies(0).training_recordings(), 3u);
  EXPECT_EQ(description.supplies(0).holdout_recordings(), 3u);
  EXPECT_EQ(description.supplies(0).training_seconds(), 3u);
  ASSERT_THAT(description.problems(), SizeIs(1));
  EXPECT_EQ(description.problems(0).code(), "unreadable");
  EXPECT_THAT(description.SerializeAsString(), Not(HasSubstr("broken")));
}

TEST_F(EngineTest, PlanCoversTheTraditionsAskedFor) {
  std::filesystem::create_directory(config_.recordings_directory + "/harp");
  for (int i = 10; i < 13; ++i) AddRecording("harp/" + std::to_string(i) + ".wav", i);
  WriteFileOrDie(config_.recordings_directory + "/qudi/broken.flac", "not a sound");
  const auto engine = Opened();
  v1::JobSpec spec = Spec();
  EXPECT_THAT(engine->Plan(spec).value().supplies(), SizeIs(2));
  spec.add_traditions("harp");
  const v1::PlanResponse plan = engine->Plan(spec).value();
  ASSERT_THAT(plan.supplies(), SizeIs(1));
  EXPECT_EQ(plan.supplies(0).tradition(), "harp");
  EXPECT_EQ(plan.supplies(0).training_seconds(), 2u);
  EXPECT_EQ(plan.supplies(0).holdout_recordings(), 1u);
  EXPECT_THAT(plan.excluded(), ElementsAre("unreadable: 1"));
  spec.set_traditions(0, "nanyin");
  EXPECT_THAT(engine->Plan(spec),
              StatusIs(absl::StatusCode::kFailedPrecondition, StartsWith("no-usable-recording")));
}

TEST_F(EngineTest, WithoutConsentNothingIsPlannedTrainedOrScored) {
  config_.consent = "";
  const auto engine = Opened();
  const auto refused = StatusIs(absl::StatusCode::kFailedPrecondition, StartsWith("no-consent"));
  EXPECT_THAT(engine->Plan(Spec()), refused);
  EXPECT_THAT(Train(*engine, Spec()).result, refused);
  EXPECT_THAT(Evaluate(*engine, Spec(), {}), refused);
  EXPECT_THAT(engine->Describe().problems(), SizeIs(6));
}

TEST_F(EngineTest, FolderWithoutAUsableRecordingIsNamedSo) {
  std::filesystem::remove_all(config_.recordings_directory + "/qudi");
  const auto engine = Opened();
  EXPECT_THAT(engine->Plan(Spec()),
              StatusIs(absl::StatusCode::kFailedPrecondition, StartsWith("no-usable-recording")));
  EXPECT_THAT(Train(*engine, Spec()).result,
              StatusIs(absl::StatusCode::kFailedPrecondition, StartsWith("no-usable-recording")));
}

TEST_F(EngineTest, PreparedStateOfFullTrainingIsTheBase) {
  const Engine::Prepared prepared = Opened()->Prepare(Spec(), Base()).value();
  ASSERT_THAT(prepared.manifests, SizeIs(1));
  const Manifest manifest = Manifest::Parse(prepared.manifests[0]).value();
  EXPECT_EQ(manifest.delta_coordinates(), 937216);
  // The same tensors; only the metadata differ.
  EXPECT_TRUE(prepared.state.ends_with(Base().substr(Base().size() - 4 * 937216)));
}

TEST_F(EngineTest, TrainsToTheSameBitsAgainAndToOthersInAnotherRound) {
  const Trained first = Train(*Opened(), Spec());
  ASSERT_THAT(first.result, IsOk());
  EXPECT_EQ(first.result->training_seconds(), 3u);
  EXPECT_EQ(first.result->windows(), 3u);
  EXPECT_EQ(progress_.steps_done(), 3u);
  EXPECT_EQ(progress_.steps_total(), 3u);
  ASSERT_EQ(first.values.size(), 937216u + 1);
  EXPECT_EQ(first.values.back(), 3);
  EXPECT_EQ(Train(*Opened(), Spec()).values, first.values);
  EXPECT_NE(Train(*Opened(), Spec(), {}, /*round=*/2).values, first.values);
}

TEST_F(EngineTest, AdapterJobSendsOnlyTheTrainedFactor) {
  v1::JobSpec spec = Spec();
  spec.set_method(v1::METHOD_ADAPTER_FROZEN_A);
  spec.set_adapter_rank(8);
  spec.set_adapter_alpha(16);
  const auto engine = Opened();
  const Engine::Prepared prepared = engine->Prepare(spec, Base()).value();
  const Trained trained = Train(*engine, spec, prepared.state);
  ASSERT_THAT(trained.result, IsOk());
  EXPECT_EQ(trained.values.size(), 34432u + 1);
  // The prepared state and no state are the same start.
  EXPECT_EQ(Train(*engine, spec).values, trained.values);
  EXPECT_THAT(Evaluate(*engine, spec, prepared.state), IsOk());
}

TEST_F(EngineTest, UseLogNamesRoundAndRecordings) {
  const auto engine = Opened();
  ASSERT_THAT(Train(*engine, Spec()).result, IsOk());
  const std::string log = ReadFileOrDie(config_.state_directory + "/use.jsonl");
  EXPECT_THAT(log, StartsWith("{\"round_id\":\"round-1\",\"use\":\"train\",\"recording_id\":\""));
  ASSERT_THAT(Evaluate(*engine, Spec(), {}), IsOk());
  const std::string evaluated = ReadFileOrDie(config_.state_directory + "/use.jsonl").substr(log.size());
  // Three held out, and the three that the yardstick is made of.
  EXPECT_EQ(std::count(evaluated.begin(), evaluated.end(), '\n'), 6);
  EXPECT_THAT(evaluated, AllOf(HasSubstr("\"use\":\"evaluate\""), HasSubstr("\"use\":\"yardstick\"")));
}

TEST_F(EngineTest, StoppedTrainingIsCancelledAndSendsNothing) {
  const auto engine = Opened();
  stop_ = true;
  const Trained trained = Train(*engine, Spec());
  EXPECT_EQ(trained.result.status().code(), absl::StatusCode::kCancelled);
  EXPECT_THAT(trained.values, IsEmpty());
}

TEST_F(EngineTest, WrongManifestIsRefused) {
  const auto engine = Opened();
  v1::TrainHeader header;
  header.set_manifest("{}");
  header.set_round_number(1);
  EXPECT_THAT(Train(*engine, Spec(), header, {}).result,
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("wrong-manifest")));
}

TEST_F(EngineTest, RoundZeroIsRefused) {
  const auto engine = Opened();
  EXPECT_THAT(Train(*engine, Spec(), v1::TrainHeader(), {}).result,
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("rounds count from 1")));
}

TEST_F(EngineTest, ReceiverThatFailsEndsTheCallWithItsStatus) {
  const auto engine = Opened();
  v1::TrainHeader header;
  header.set_manifest(engine->Prepare(Spec(), Base()).value().manifests.at(0));
  header.set_round_number(1);
  const auto result = engine->Train(
      Spec(), header, Base(), {}, [](const v1::TrainProgress&) {},
      [](absl::Span<const float>) { return absl::ResourceExhaustedError("disk full"); }, stop_);
  EXPECT_THAT(result, StatusIs(absl::StatusCode::kResourceExhausted, "disk full"));
}

TEST_F(EngineTest, ScoresPairsByTraditionWithEqualModelsEqual) {
  const v1::EvaluateResult result = Evaluate(*Opened(), Spec(), {}).value();
  ASSERT_THAT(result.scores(), SizeIs(1));
  EXPECT_EQ(result.scores(0).tradition(), "qudi");
  ASSERT_THAT(result.scores(0).pairs(), SizeIs(3));
  for (const v1::ScorePair& pair : result.scores(0).pairs()) {
    EXPECT_GT(pair.before(), 0);
    EXPECT_EQ(pair.before(), pair.after());
    EXPECT_DOUBLE_EQ(pair.before(), std::round(pair.before() * 1e4) / 1e4);
  }
}

TEST_F(EngineTest, RememberedBaseScoresAreTheScores) {
  const auto engine = Opened();
  const auto sorted = [](const v1::EvaluateResult& result) {
    std::vector<double> scores;
    for (const v1::ScorePair& pair : result.scores(0).pairs()) scores.push_back(pair.before());
    std::sort(scores.begin(), scores.end());
    return scores;
  };
  const auto first = sorted(Evaluate(*engine, Spec(), {}).value());
  EXPECT_EQ(sorted(Evaluate(*engine, Spec(), {}).value()), first);
}

TEST_F(EngineTest, EvaluationIsCapped) {
  v1::JobSpec spec = Spec();
  spec.mutable_evaluation()->set_max_recordings_per_tradition(2);
  EXPECT_THAT(Evaluate(*Opened(), spec, {}).value().scores(0).pairs(), SizeIs(2));
}

TEST_F(EngineTest, WritesListeningFilesWhenAsked) {
  const auto engine = Opened();
  EXPECT_EQ(Evaluate(*engine, Spec(), {}).value().listening_files(), 0u);
  EXPECT_EQ(Evaluate(*engine, Spec(), {}, /*listen=*/true).value().listening_files(), 9u);
  const std::string folder = config_.listening_directory + "/test-job/round-001/";
  for (const char* name : {"qudi-3-after.wav", "qudi-3-pictures.png", "index.html"}) {
    EXPECT_TRUE(std::filesystem::exists(folder + name)) << name;
  }
}

TEST_F(EngineTest, ListeningFolderThatCannotBeWrittenDoesNotEndTheEvaluation) {
  config_.listening_directory = "/nonexistent/listening";
  const v1::EvaluateResult result = Evaluate(*Opened(), Spec(), {}, /*listen=*/true).value();
  EXPECT_EQ(result.listening_files(), 0u);
  EXPECT_THAT(result.scores(0).pairs(), SizeIs(3));
}

TEST_F(EngineTest, RendersAWavOfTheLengthAskedFor) {
  v1::RenderHeader header;
  header.set_seconds(1);
  const std::string wav = Opened()->Render(Spec(), header, Base(), {}, stop_).value();
  // 87 frames of 512 samples, 2 bytes each, behind 44 bytes of header.
  EXPECT_EQ(wav.size(), 44u + 87 * 512 * 2);
  header.set_seconds(0);
  EXPECT_EQ(Opened()->Render(Spec(), header, Base(), {}, stop_).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(EngineTest, TrainerWithoutACollectionPreparesButHasNothingToTrainOn) {
  auto engine = Engine::Open(EngineConfig()).value();
  EXPECT_THAT(engine->Scan(stop_), IsOk());
  EXPECT_FALSE(engine->Describe().has_recordings());
  EXPECT_THAT(engine->Prepare(Spec(), Base()), IsOk());
  EXPECT_THAT(engine->Plan(Spec()),
              StatusIs(absl::StatusCode::kFailedPrecondition, StartsWith("no-usable-recording")));
}

TEST_F(EngineTest, DamagedBaseIsRefused) {
  EXPECT_THAT(Opened()->Prepare(Spec(), "damaged"),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("artifact-damaged")));
}

TEST(EngineCorpusTest, PlansAndTrainsOnSouthernDizi) {
  const char* corpus = std::getenv("CONSORT_CORPUS");
  if (corpus == nullptr) GTEST_SKIP() << "CONSORT_CORPUS is not set";
  const TemporaryDirectory state;
  EngineConfig config;
  config.recordings_directory = std::string(corpus) + "/china-dizi-south";
  config.state_directory = state.path();
  config.consent = "declared-by-operator";
  config.threads = 1;
  const auto engine = Engine::Open(config).value();
  const Engine::Stop stop{false};
  ASSERT_THAT(engine->Scan(stop), IsOk());

  const v1::PlanResponse plan = engine->Plan(Spec()).value();
  ASSERT_THAT(plan.supplies(), SizeIs(1));
  EXPECT_EQ(plan.supplies(0).tradition(), "china-dizi-south");
  EXPECT_EQ(plan.supplies(0).training_recordings() + plan.supplies(0).holdout_recordings(), 9u);
  EXPECT_EQ(plan.supplies(0).holdout_recordings(), 3u);

  v1::JobSpec spec = Spec();
  spec.mutable_local()->set_steps(12);
  v1::TrainHeader header;
  header.set_manifest(engine->Prepare(spec, Base()).value().manifests.at(0));
  header.set_round_number(1);
  const auto result = engine->Train(
      spec, header, Base(), {}, [](const v1::TrainProgress&) {},
      [](absl::Span<const float>) { return absl::OkStatus(); }, stop);
  ASSERT_THAT(result, IsOk());
  EXPECT_LT(result->last_loss(), result->first_loss());
}

}  // namespace
}  // namespace consort::trainer
