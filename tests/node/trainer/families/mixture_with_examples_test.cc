#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/artifact/safetensors.h"
#include "node/trainer/families/descriptor_mixture.h"
#include "tests/node/trainer/families/sound_repertoire.h"
#include "tests/node/trainer/support/sound_files.h"
#include "tests/support/status_matchers.h"

namespace consort::trainer {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::consort::trainer::testing::Noise;
using ::consort::trainer::testing::Pluck;
using ::consort::trainer::testing::Sine;
using ::consort::trainer::testing::SoundRepertoire;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr int kRate = 44100;
const std::vector<std::string> kTraditions = {"flutes", "harps"};

std::vector<float> FluteTone(int number) { return Sine(400.0 + 40 * number, 3, kRate, 0.3f); }

std::unique_ptr<FamilyModel> ModelOf(absl::string_view state) {
  FamilyTerms terms;
  terms.traditions = kTraditions;
  terms.model.components = 2;
  return DescriptorMixture().Load(terms, 1, {}, state).value();
}

std::string TrainedState() {
  SoundRepertoire repertoire;
  for (int i = 0; i < 4; ++i) {
    repertoire.Add("flutes", FluteTone(i));
    repertoire.Add("harps", Pluck(i, 3, kRate));
  }
  const std::atomic<bool> stop = false;
  std::string state;
  for (int round = 0; round < 2; ++round) {
    const auto model = ModelOf(state);
    EXPECT_THAT(model->Fit({repertoire, FitTerms(), {}, stop}), IsOk());
    state = model->SaveState({}).value();
  }
  return state;
}

class MixtureWithExamplesTest : public ::testing::Test {
 protected:
  MixtureWithExamplesTest() : state_(MixtureState::ParseAny(TrainedState()).value()) {
    auto library = std::make_shared<ExampleLibrary>(kRate);
    for (const auto& audio : {Noise(1, 3 * kRate, 0.2f), FluteTone(3), Pluck(4, 3, kRate)}) {
      EXPECT_THAT(library->Add(audio), IsOk());
    }
    library_ = std::move(library);
  }

  MixtureState state_;
  std::shared_ptr<const ExampleLibrary> library_;
};

TEST_F(MixtureWithExamplesTest, StateTellsItsTraditionsAndComponents) {
  EXPECT_EQ(state_.traditions(), kTraditions);
  EXPECT_EQ(state_.components(), 2);
  EXPECT_THAT(MixtureState::ParseAny(WriteSafetensors({}, {}).value()),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("wrong-architecture")));
  EXPECT_THAT(MixtureState::ParseAny("nonsense"),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("artifact-damaged")));
}

TEST_F(MixtureWithExamplesTest, GeneratesFromSecondsThatAreTypicalOfTheTradition) {
  const auto model = MixtureWithExamples(state_, library_, "flutes").value();
  const std::vector<float> audio = model->Generate(4.5, 1).value();
  EXPECT_THAT(audio, SizeIs(4.5 * kRate));
  const std::vector<double> classes = ModelOf(TrainedState())->Classify(audio).value();
  EXPECT_GT(classes[0], 0.9);
  EXPECT_EQ(model->Generate(4.5, 1).value(), audio);
}

TEST_F(MixtureWithExamplesTest, FollowsARecordingThatIsAmongTheExamples) {
  const auto model = MixtureWithExamples(state_, library_, "").value();
  const std::vector<float> flute = FluteTone(3);
  const std::vector<float> said = model->Reconstruct(flute).value();
  ASSERT_EQ(said.size(), flute.size());
  for (size_t i = 0; i < said.size(); ++i) ASSERT_NEAR(said[i], flute[i], 1e-6) << i;
  EXPECT_EQ(model->Generate(1, 1).status().code(), absl::StatusCode::kUnimplemented);
}

TEST_F(MixtureWithExamplesTest, TraditionItDoesNotKnowIsRefusedWithThoseItDoes) {
  EXPECT_THAT(MixtureWithExamples(state_, library_, "bells"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("flutes, harps")));
  const MixtureState untrained(kTraditions, 2);
  EXPECT_THAT(MixtureWithExamples(untrained, library_, "harps"),
              StatusIs(absl::StatusCode::kFailedPrecondition, StartsWith("nothing-learnt")));
  EXPECT_THAT(MixtureWithExamples(untrained, library_, ""),
              StatusIs(absl::StatusCode::kFailedPrecondition, StartsWith("nothing-learnt")));
}

}  // namespace
}  // namespace consort::trainer
