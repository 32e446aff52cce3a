#include "node/trainer/families/descriptor_mixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "common/artifact/safetensors.h"
#include "node/trainer/families/mixture_state.h"
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
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr int kRate = 44100;
const std::vector<std::string> kTraditions = {"flutes", "harps"};

FamilyTerms Terms(int components = 2) {
  FamilyTerms terms;
  terms.traditions = kTraditions;
  terms.model.components = components;
  terms.update = {.clip_norm = 1, .max_weight = 1, .cohort_bound = 4};
  terms.seed = 5;
  return terms;
}

std::vector<float> FluteTone(int number) { return Sine(400.0 + 40 * number, 2 + number % 2, kRate, 0.3f); }

std::unique_ptr<FamilyModel> ModelOf(absl::string_view state) {
  return DescriptorMixture().Load(Terms(), 1, {}, state).value();
}

class DescriptorMixtureTest : public ::testing::Test {
 protected:
  // Flutes and plucks in turn, the first so many in one archive and the rest in another; and all in a third.
  DescriptorMixtureTest() {
    for (int i = 0; i < 12; ++i) {
      const bool flute = i % 2 == 0;
      const auto audio = flute ? FluteTone(i) : Pluck(i, 2, kRate);
      (i < 5 ? one_ : other_).Add(kTraditions[flute ? 0 : 1], audio);
      all_.Add(kTraditions[flute ? 0 : 1], audio);
    }
  }

  absl::StatusOr<Fitted> Fit(FamilyModel& model, SoundRepertoire& repertoire) {
    return model.Fit({repertoire, terms_, {}, stop_});
  }

  // What the coordinator does: the sums of the statistics replace the tensors they name.
  std::string Aggregate(absl::Span<const Fitted> fitted) {
    std::vector<float> sum(fitted[0].statistics.size());
    for (const Fitted& one : fitted) {
      for (size_t i = 0; i < sum.size(); ++i) sum[i] += one.statistics[i];
    }
    const char* bytes = reinterpret_cast<const char*>(sum.data());
    std::vector<TensorView> tensors;
    for (const Segment& segment : MixtureState::Segments(kTraditions, 2)) {
      const size_t length = static_cast<size_t>(segment.size()) * sizeof(float);
      tensors.push_back({segment.name, "F32", segment.shape, {bytes, length}});
      bytes += length;
    }
    return WriteSafetensors(tensors, {}).value();
  }

  std::string Federated(int rounds) {
    std::string state;
    for (int round = 0; round < rounds; ++round) {
      state = Aggregate({Fit(*ModelOf(state), one_).value(), Fit(*ModelOf(state), other_).value()});
    }
    return state;
  }

  SoundRepertoire one_, other_, all_;
  FitTerms terms_;
  std::atomic<bool> stop_ = false;
};

TEST_F(DescriptorMixtureTest, TwoArchivesLearnWhatOneWithAllRecordingsLearnsBitForBit) {
  std::string pooled;
  for (int round = 0; round < 4; ++round) pooled = Aggregate({Fit(*ModelOf(pooled), all_).value()});
  EXPECT_EQ(ModelOf(Federated(4))->Describe().value(), ModelOf(pooled)->Describe().value());
  const auto federated_sums = MixtureState::Parse(kTraditions, 2, Federated(4)).value();
  const auto pooled_sums = MixtureState::Parse(kTraditions, 2, pooled).value();
  for (size_t t = 0; t < kTraditions.size(); ++t) {
    EXPECT_EQ(federated_sums.at(t).segments, pooled_sums.at(t).segments);
    EXPECT_EQ(federated_sums.at(t).square, pooled_sums.at(t).square);
    EXPECT_EQ(federated_sums.at(t).log_likelihood, pooled_sums.at(t).log_likelihood);
  }
}

TEST_F(DescriptorMixtureTest, StatisticsStayWithinTheirSegmentsBounds) {
  const Fitted fitted = Fit(*ModelOf(Federated(2)), all_).value();
  size_t next = 0;
  for (const Segment& segment : MixtureState::Segments(kTraditions, 2)) {
    for (int64_t i = 0; i < segment.size(); ++i, ++next) {
      const double steps = fitted.statistics.at(next) / segment.quantum;
      EXPECT_EQ(steps, std::round(steps)) << segment.name;
      EXPECT_LE(std::abs(fitted.statistics.at(next)), segment.bound) << segment.name;
    }
  }
  EXPECT_EQ(next, fitted.statistics.size());
  EXPECT_THAT(fitted.deltas, SizeIs(0));
}

TEST_F(DescriptorMixtureTest, RoundsLowerTheLossOnceComponentsAreApart) {
  const auto model = ModelOf(Federated(2));
  const Fitted third = Fit(*model, all_).value();
  EXPECT_LE(third.last_loss, third.first_loss + 0.01);
  EXPECT_EQ(third.windows, 2u * 6 + 12u);
}

TEST_F(DescriptorMixtureTest, TellsTraditionsApartOnRecordingsItHasNotHeard) {
  const auto model = ModelOf(Federated(3));
  EXPECT_THAT(model->classes(), ElementsAre("flutes", "harps"));
  const auto flute = model->Classify(FluteTone(7)).value();
  const auto pluck = model->Classify(Pluck(99, 2, kRate)).value();
  EXPECT_GT(flute[0], 0.9);
  EXPECT_GT(pluck[1], 0.9);
  EXPECT_NEAR(flute[0] + flute[1], 1, 1e-12);
}

TEST_F(DescriptorMixtureTest, SilenceAndAnUntrainedModelGiveEqualProbabilities) {
  EXPECT_THAT(ModelOf(Federated(1))->Classify(std::vector<float>(kRate)).value(), ElementsAre(0.5, 0.5));
  EXPECT_THAT(ModelOf({})->Classify(FluteTone(1)).value(), ElementsAre(0.5, 0.5));
}

TEST_F(DescriptorMixtureTest, ATraditionWithoutRecordingsHasProbabilityZero) {
  SoundRepertoire flutes;
  flutes.Add("flutes", FluteTone(1));
  const std::string state = Aggregate({Fit(*ModelOf({}), flutes).value()});
  EXPECT_THAT(ModelOf(state)->Classify(Pluck(3, 2, kRate)).value(), ElementsAre(1, 0));
}

TEST_F(DescriptorMixtureTest, EveryParameterCanBeReadInUnits) {
  const auto json = nlohmann::json::parse(ModelOf(Federated(3))->Describe().value());
  EXPECT_EQ(json["family"], "descriptor-mixture");
  // 2 traditions of 2 components with a weight, 23 means and 23 variances each.
  EXPECT_EQ(json["parameters"], 2 * 2 * 47);
  EXPECT_EQ(json["descriptors"][9]["name"], "pitch");
  const auto& flutes = json["traditions"][0];
  EXPECT_EQ(flutes["name"], "flutes");
  double weights = 0;
  for (const auto& component : flutes["components"]) {
    weights += component["weight"].get<double>();
    // From 400 Hz to 800 Hz: MIDI 67.3 to 79.3.
    EXPECT_GT(component["pitch"]["mean"].get<double>(), 67);
    EXPECT_LT(component["pitch"]["mean"].get<double>(), 80);
  }
  EXPECT_NEAR(weights, 1, 1e-4);
}

TEST_F(DescriptorMixtureTest, EncodesOneFrameForEachSecond) {
  EXPECT_THAT(ModelOf({})->Encode(FluteTone(2)).value(), SizeIs(2 * kSegmentDescriptors));
}

TEST_F(DescriptorMixtureTest, ExportIsAModelThatAnotherJobMayStartFrom) {
  const auto model = ModelOf(Federated(3));
  const auto loaded = DescriptorMixture().Load(Terms(), 1, model->Export({}).value(), {}).value();
  EXPECT_EQ(loaded->Describe().value(), model->Describe().value());
}

TEST_F(DescriptorMixtureTest, AudioIsNotOffered) {
  EXPECT_THAT(ModelOf({})->Reconstruct(FluteTone(1)),
              StatusIs(absl::StatusCode::kUnimplemented, StartsWith("not-offered")));
  EXPECT_THAT(ModelOf({})->Generate(1, 1),
              StatusIs(absl::StatusCode::kUnimplemented, StartsWith("not-offered")));
}

TEST_F(DescriptorMixtureTest, SilenceOnlyAndOtherTraditionsAreNoUsableRecordings) {
  SoundRepertoire nothing;
  nothing.Add("flutes", std::vector<float>(2 * kRate));
  nothing.Add("bells", Pluck(1, 2, kRate));
  const auto model = ModelOf({});
  EXPECT_THAT(Fit(*model, nothing),
              StatusIs(absl::StatusCode::kFailedPrecondition, StartsWith("no-usable-recording")));
  EXPECT_EQ(model->SaveState({}).value(), ModelOf({})->SaveState({}).value());
}

TEST_F(DescriptorMixtureTest, StopsWhenAskedTo) {
  stop_ = true;
  EXPECT_EQ(Fit(*ModelOf({}), all_).status().code(), absl::StatusCode::kCancelled);
}

TEST_F(DescriptorMixtureTest, JobsThatDoNotSuitAreRefusedByTheNameOfTheMember) {
  const auto refused = [](const FamilyTerms& terms, const char* member) {
    EXPECT_THAT(DescriptorMixture().Check(terms),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(member)));
  };
  EXPECT_THAT(DescriptorMixture().Check(Terms()), IsOk());
  refused(Terms(0), "model.components");
  refused(Terms(65), "model.components");
  FamilyTerms terms = Terms();
  terms.traditions.clear();
  refused(terms, "tradition");
  terms = Terms();
  terms.adaptation.rank = 4;
  refused(terms, "adaptation");
  terms = Terms();
  terms.update.cohort_bound = kMostArchives + 1;
  EXPECT_THAT(DescriptorMixture().Check(terms),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("wrong-job")));
}

TEST_F(DescriptorMixtureTest, AStateOfAnotherShapeIsRefused) {
  EXPECT_THAT(DescriptorMixture().Load(Terms(3), 1, {}, ModelOf({})->SaveState({}).value()),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("wrong-architecture")));
  EXPECT_EQ(DescriptorMixture().Load(Terms(), 1, {}, "nonsense").status().code(),
            absl::StatusCode::kInvalidArgument);
}

// Identities that no other test has: what is remembered outlives a model.
TEST_F(DescriptorMixtureTest, LaterRoundsDoNotDescribeARecordingAgain) {
  SoundRepertoire known, unknown;
  for (int i = 0; i < 4; ++i) {
    known.Add("flutes", FluteTone(i), absl::StrCat("later-rounds ", i));
    unknown.Add("flutes", FluteTone(i));
  }
  std::string state;
  for (int round = 0; round < 3; ++round) {
    const Fitted remembered = Fit(*ModelOf(state), known).value(),
                 described = Fit(*ModelOf(state), unknown).value();
    EXPECT_EQ(remembered.statistics, described.statistics) << round;
    EXPECT_EQ(remembered.windows, described.windows);
    state = Aggregate({remembered});
  }
  EXPECT_EQ(known.reads(), 4);
  EXPECT_EQ(unknown.reads(), 12);
}

TEST_F(DescriptorMixtureTest, ChangedRecordingIsDescribedAnew) {
  SoundRepertoire before, after;
  before.Add("flutes", FluteTone(1), "changed 1");
  after.Add("flutes", Pluck(1, 3, kRate), "changed 2");
  const Fitted old = Fit(*ModelOf({}), before).value(), fresh = Fit(*ModelOf({}), after).value();
  EXPECT_EQ(after.reads(), 1);
  EXPECT_NE(old.statistics, fresh.statistics);
}

TEST_F(DescriptorMixtureTest, JobOfOtherTraditionsIsGivenItsOwnRecordingsOnly) {
  SoundRepertoire all;
  all.Add("flutes", FluteTone(1), "other-job 1");  // 3 s
  all.Add("harps", Pluck(1, 2, kRate), "other-job 2");
  ASSERT_EQ(Fit(*ModelOf({}), all).value().windows, 5u);
  FamilyTerms terms = Terms(/*components=*/3);
  terms.traditions = {"harps"};
  const auto model = DescriptorMixture().Load(terms, 1, {}, {}).value();
  EXPECT_EQ(Fit(*model, all).value().windows, 2u);
  EXPECT_EQ(all.reads(), 2);
}

class MixtureWithExamplesTest : public DescriptorMixtureTest {
 protected:
  MixtureWithExamplesTest() : state_(MixtureState::ParseAny(Federated(2)).value()) {
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
  const std::vector<double> classes = ModelOf(Federated(2))->Classify(audio).value();
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
