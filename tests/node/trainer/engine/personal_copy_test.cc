// Copies that an archive trains for itself, through the engine.
#include "node/trainer/engine/personal_copy.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/escaping.h"
#include "common/artifact/safetensors.h"
#include "common/crypto/digest.h"
#include "common/update/manifest.h"
#include "node/trainer/engine/personal_export.h"
#include "node/trainer/training/state_tensors.h"
#include "tests/node/trainer/engine/engine_fixture.h"

namespace consort::trainer {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::ReadFileOrDie;
using ::consort::testing::StatusIs;
using ::consort::testing::WriteFileOrDie;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

v1::JobSpec PersonalSpec() {
  v1::JobSpec spec = Spec();
  spec.set_rounds(4);
  spec.mutable_personal()->set_enabled(true);
  spec.mutable_personal()->set_lambda(0.1);
  spec.mutable_personal()->set_steps(2);
  return spec;
}

class PersonalCopyTest : public EngineTest {
 protected:
  std::string PathOf(const v1::JobSpec& spec, int round) const {
    return config_.state_directory + "/personal-" + Sha256Hex(spec.SerializeAsString()) + "-" +
           std::to_string(round);
  }
  std::string Copy(const v1::JobSpec& spec, int round) const { return ReadFileOrDie(PathOf(spec, round)); }

  absl::StatusOr<v1::EvaluateResult> EvaluateRound(Engine& engine, const v1::JobSpec& spec, uint32_t round) {
    v1::EvaluateHeader header;
    header.set_spec(spec.SerializeAsString());
    header.set_round_id("round-" + std::to_string(round));
    header.set_round_number(round);
    return engine.Evaluate(
        spec, header, Base(), /*before=*/{}, /*after=*/{}, [](const v1::TrainProgress&) {}, stop_);
  }
};

std::vector<float> Tensor(const std::string& state, const char* name) {
  const SafetensorsHeader header = SafetensorsHeader::Parse(state, state.size()).value();
  return TensorsOf(state, {{name, header.Find(name)->shape}}).value();
}

TEST_F(PersonalCopyTest, LiesInTheStateDirectoryAndIsNotSent) {
  const auto engine = Opened();
  const Trained trained = Train(*engine, PersonalSpec());
  ASSERT_THAT(trained.result, IsOk());
  EXPECT_EQ(trained.values.size(), 937216u + 1);  // deltas of the shared training and its number of windows
  EXPECT_EQ(trained.result->windows(), 3u);
  EXPECT_EQ(progress_.steps_done(), 5u);  // 3 shared, 2 of the copy
  EXPECT_EQ(progress_.steps_total(), 5u);
  const std::string copy = Copy(PersonalSpec(), 1);
  const SafetensorsHeader header = SafetensorsHeader::Parse(copy, copy.size()).value();
  std::string spec;
  ASSERT_TRUE(absl::Base64Unescape(header.metadata().at("consort.spec"), &spec));
  EXPECT_EQ(spec, PersonalSpec().SerializeAsString());
  EXPECT_THAT(ReadFileOrDie(config_.state_directory + "/use.jsonl"), HasSubstr("\"use\":\"personal\""));
}

TEST_F(PersonalCopyTest, JobsWithoutKeepNone) {
  ASSERT_THAT(Train(*Opened(), Spec()).result, IsOk());
  EXPECT_FALSE(std::filesystem::exists(PathOf(Spec(), 1)));
}

TEST_F(PersonalCopyTest, GoesOnFromRoundToRoundWithTheSameBits) {
  const auto engine = Opened();
  const v1::JobSpec spec = PersonalSpec();
  ASSERT_THAT(Train(*engine, spec, {}, /*round=*/1).result, IsOk());
  const std::string first = Copy(spec, 1);
  ASSERT_THAT(Train(*engine, spec, {}, /*round=*/3).result, IsOk());  // the archive was away in round 2
  const std::string third = Copy(spec, 3);
  EXPECT_NE(third, first);
  ASSERT_THAT(Train(*engine, spec, {}, /*round=*/3).result, IsOk());
  EXPECT_EQ(Copy(spec, 3), third);
  // Without the first round's copy it begins with the shared model.
  std::filesystem::remove(PathOf(spec, 1));
  std::filesystem::remove(PathOf(spec, 3));
  ASSERT_THAT(Train(*engine, spec, {}, /*round=*/3).result, IsOk());
  EXPECT_NE(Copy(spec, 3), third);
}

TEST_F(PersonalCopyTest, LeavesOutWhatTheSharedTrainingKeepsForValidation) {
  // All that sounds is in the middle half, which is kept from training: relative to the silence around it
  // every error is larger, while a window that sounds is some 60 away from an untrained model.
  for (int i = 0; i < 6; ++i) {
    std::vector<float> sound(22050, 0.0f);
    const std::vector<float> pluck = testing::Pluck(i, 0.5, 22050);
    std::copy(pluck.begin(), pluck.end(), sound.begin() + 5512);
    testing::WriteSound(config_.recordings_directory + "/qudi/" + std::to_string(i) + ".wav", sound, 22050);
  }
  v1::JobSpec spec = PersonalSpec();
  spec.mutable_local()->set_validation_percent(50);
  ASSERT_THAT(Train(*Opened(), spec).result, IsOk());
  EXPECT_GT(progress_.loss(), 100);  // of the copy's last step
  spec.mutable_local()->set_validation_percent(0);
  ASSERT_THAT(Train(*Opened(), spec).result, IsOk());
  EXPECT_LT(progress_.loss(), 100);
}

TEST_F(PersonalCopyTest, StoppedWithinItsTrainingGivesTheSameBitsLater) {
  const v1::JobSpec spec = PersonalSpec();
  const Trained whole = Train(*Opened(), spec);
  const std::string copy = Copy(spec, 1);
  std::filesystem::remove(PathOf(spec, 1));
  v1::TrainHeader header;
  const auto engine = Opened();
  header.set_spec(spec.SerializeAsString());
  header.set_manifest(engine->Prepare(spec, Base())->manifests[0]);
  header.set_round_id("round-1");
  header.set_round_number(1);
  header.set_archive("archive-cn-1");
  const auto stopped = engine->Train(
      spec, header, Base(), {},
      [this](const v1::TrainProgress& now) {
        EXPECT_EQ(now.steps_total(), 5u);  // of both from the first step on
        stop_ = now.steps_done() == 4;
      },
      [](absl::Span<const float>) { return absl::InternalError("nothing may be sent"); }, stop_);
  EXPECT_EQ(stopped.status().code(), absl::StatusCode::kCancelled);
  stop_ = false;
  EXPECT_FALSE(std::filesystem::exists(PathOf(spec, 1)));
  EXPECT_EQ(Train(*engine, spec, header, {}).values, whole.values);
  EXPECT_EQ(Copy(spec, 1), copy);
}

TEST_F(PersonalCopyTest, StrongPullKeepsItNearerToTheSharedModel) {
  v1::JobSpec free = PersonalSpec(), held = PersonalSpec();
  free.mutable_personal()->set_lambda(0);
  held.mutable_personal()->set_lambda(1e4);
  for (v1::JobSpec* spec : {&free, &held}) spec->mutable_personal()->set_steps(8);
  const auto engine = Opened();
  const auto distance = [&](const v1::JobSpec& spec) {
    EXPECT_THAT(Train(*engine, spec).result, IsOk());
    const std::vector<float> copy = Tensor(Copy(spec, 1), "encoder.head.weight");
    const std::vector<float> base = Tensor(Base(), "encoder.head.weight");
    double squares = 0;
    for (size_t i = 0; i < copy.size(); ++i) squares += (copy[i] - base[i]) * (copy[i] - base[i]);
    return squares;
  };
  EXPECT_LT(distance(held), distance(free));
}

TEST_F(PersonalCopyTest, IsPulledTowardsTheStateThatTheRoundBeganWithAndNotTowardsItsOwn) {
  v1::JobSpec spec = PersonalSpec();
  spec.mutable_personal()->set_lambda(1e6);
  spec.mutable_personal()->set_steps(8);
  const auto engine = Opened();
  ASSERT_THAT(Train(*engine, spec, {}, /*round=*/1).result, IsOk());
  const std::string elsewhere =
      FindArchitecture("rave-tiny").value()->Initialise(2).value()->SaveMerged({}).value();
  ASSERT_THAT(Train(*engine, spec, elsewhere, /*round=*/2).result, IsOk());
  const auto distance = [&](int round) {
    const std::vector<float> copy = Tensor(Copy(spec, round), "encoder.head.weight");
    const std::vector<float> shared = Tensor(elsewhere, "encoder.head.weight");
    double sum = 0;
    for (size_t i = 0; i < copy.size(); ++i) sum += std::abs(copy[i] - shared[i]);
    return sum / static_cast<double>(copy.size());
  };
  // Adam goes at most the learning rate a step, which falls from 8/8 to 1/8 of 0.001: 0.0045 in all.
  EXPECT_NEAR(distance(1) - distance(2), 0.0045, 0.001);
}

TEST_F(PersonalCopyTest, OfAlternatingAdaptersHoldsBothFactorsAndTrainsTheRounds) {
  v1::JobSpec spec = PersonalSpec();
  spec.set_method(v1::METHOD_ADAPTER_ALTERNATING);
  spec.set_adapter_rank(2);
  spec.set_adapter_alpha(4);
  const auto engine = Opened();
  ASSERT_THAT(Train(*engine, spec, {}, /*round=*/1).result, IsOk());
  ASSERT_THAT(Train(*engine, spec, {}, /*round=*/2).result, IsOk());
  const std::string first = Copy(spec, 1), second = Copy(spec, 2);
  EXPECT_EQ(Tensor(second, "encoder.head.weight.lora_B"), Tensor(first, "encoder.head.weight.lora_B"));
  EXPECT_NE(Tensor(second, "encoder.head.weight.lora_A"), Tensor(first, "encoder.head.weight.lora_A"));
}

TEST_F(PersonalCopyTest, IsScoredOnHoldoutRecordingsAndAnArchiveWithoutOneHasNoScores) {
  const auto engine = Opened();
  const v1::JobSpec spec = PersonalSpec();
  EXPECT_THAT(EvaluateRound(*engine, spec, 1)->scores(0).personal(), IsEmpty());
  ASSERT_THAT(Train(*engine, spec, {}, /*round=*/2).result, IsOk());
  EXPECT_THAT(EvaluateRound(*engine, spec, 1)->scores(0).personal(), IsEmpty());  // of before
  const v1::EvaluateResult result = EvaluateRound(*engine, spec, 3).value();
  ASSERT_THAT(result.scores(0).personal(), SizeIs(3));
  std::vector<double> after;
  for (const v1::ScorePair& pair : result.scores(0).pairs()) after.push_back(pair.after());
  std::vector<double> personal(result.scores(0).personal().begin(), result.scores(0).personal().end());
  std::sort(after.begin(), after.end());
  std::sort(personal.begin(), personal.end());
  EXPECT_NE(personal, after);  // "after" is the untrained base here
}

TEST_F(PersonalCopyTest, DamagedCopyIsLeftOutOfTheScoresAndBegunAgain) {
  const auto engine = Opened();
  const v1::JobSpec spec = PersonalSpec();
  WriteFileOrDie(PathOf(spec, 1), "damaged");
  EXPECT_THAT(EvaluateRound(*engine, spec, 1)->scores(0).personal(), IsEmpty());
  ASSERT_THAT(Train(*engine, spec, {}, /*round=*/2).result, IsOk());
  EXPECT_THAT(EvaluateRound(*engine, spec, 2)->scores(0).personal(), SizeIs(3));
}

TEST_F(PersonalCopyTest, OneThatDivergesDoesNotCostTheRound) {
  v1::JobSpec spec = PersonalSpec();
  spec.mutable_personal()->set_lambda(1e39);  // infinite as float32
  const Trained trained = Train(*Opened(), spec);
  EXPECT_THAT(trained.result, IsOk());
  EXPECT_EQ(trained.values.size(), 937216u + 1);
  EXPECT_FALSE(std::filesystem::exists(PathOf(spec, 1)));
}

TEST_F(PersonalCopyTest, IsFoundAndMergedForStaff) {
  v1::JobSpec spec = PersonalSpec();
  spec.set_method(v1::METHOD_ADAPTER_FROZEN_A);
  spec.set_adapter_rank(2);
  spec.set_adapter_alpha(4);
  spec.set_base_model_digest(Sha256Hex(Base()));
  EXPECT_THAT(FindPersonalCopies(config_.state_directory).value(), IsEmpty());
  const auto engine = Opened();
  ASSERT_THAT(Train(*engine, spec, {}, /*round=*/1).result, IsOk());
  ASSERT_THAT(Train(*engine, spec, {}, /*round=*/2).result, IsOk());
  WriteFileOrDie(config_.state_directory + "/personal-" + std::string(64, '0') + "-1", "damaged");
  const std::vector<PersonalCopy> copies = FindPersonalCopies(config_.state_directory).value();
  ASSERT_THAT(copies, SizeIs(1));
  EXPECT_EQ(copies[0].round, 2u);
  EXPECT_EQ(copies[0].spec.name(), "test job");
  const std::string merged = MergePersonalCopy(copies[0], Base()).value();
  // W = W0 + alpha / rank * B * A, by a plain loop over one row.
  const std::string name = "encoder.head.weight";
  const std::vector<float> a = Tensor(copies[0].state, (name + ".lora_A").c_str());
  const std::vector<float> b = Tensor(copies[0].state, (name + ".lora_B").c_str());
  const std::vector<float> base = Tensor(Base(), name.c_str()), whole = Tensor(merged, name.c_str());
  const size_t columns = a.size() / 2;
  bool changed = false;
  for (size_t i = 0; i < columns; ++i) {
    EXPECT_NEAR(whole[i], base[i] + 2 * (b[0] * a[i] + b[1] * a[columns + i]), 1e-6);
    changed = changed || whole[i] != base[i];
  }
  EXPECT_TRUE(changed);
  EXPECT_THAT(MergePersonalCopy(copies[0], Base() + " "),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("wrong-base")));
  EXPECT_EQ(FindPersonalCopies("/nonexistent").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(PersonalCopyTest, OfAFamilyWithoutGradientsIsRefused) {
  v1::JobSpec spec = PersonalSpec();
  spec.set_architecture("descriptor-mixture");
  spec.add_traditions("qudi");
  spec.mutable_local()->set_window_samples(44100);
  const auto refused = [](const char* setting) {
    return StatusIs(absl::StatusCode::kInvalidArgument,
                    AllOf(StartsWith("wrong-job"), HasSubstr(setting), HasSubstr("descriptor-mixture")));
  };
  EXPECT_THAT(Opened()->Plan(spec), refused("personal"));
  spec.clear_personal();
  spec.mutable_local()->set_scaffold(true);
  EXPECT_THAT(Opened()->Plan(spec), refused("local.scaffold"));
}

}  // namespace
}  // namespace consort::trainer
