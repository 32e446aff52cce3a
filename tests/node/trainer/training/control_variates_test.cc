#include "node/trainer/training/control_variates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "common/artifact/safetensors.h"
#include "common/update/ring_codec.h"
#include "node/trainer/models/tensor_file.h"
#include "node/trainer/training/state_tensors.h"
#include "tests/support/status_matchers.h"

namespace consort::trainer {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

const std::vector<NamedTensor> kTrained = {{"a", {1}}, {"b", {2}}};
constexpr uint32_t kArchives = 64;

std::string State() { return WriteTensors(kTrained, {1, 2, 3}, {}).value(); }

TrainingOutcome Gradients(std::vector<double> sum, int64_t steps) {
  TrainingOutcome outcome;
  outcome.gradient_sum = std::move(sum);
  outcome.gradient_steps = steps;
  return outcome;
}

// What an archive sends that had these gradients, and what it keeps.
struct Told {
  std::vector<float> statistics;
  std::string kept;
};
Told Tell(const std::vector<double>& sum, int64_t steps) {
  ControlVariates control(kTrained, kArchives);
  EXPECT_THAT(control.Learn(Gradients(sum, steps)), IsOk());
  return {control.Statistics(), control.SaveLocal("discriminators").value()};
}

// A state in which the sums of several archives stand.
std::string StateWith(const std::vector<std::vector<float>>& archives) {
  std::vector<float> sums(4);
  for (const std::vector<float>& values : archives) {
    for (size_t i = 0; i < sums.size(); ++i) sums[i] += values[i];
  }
  return WithTensors(State(),
                     {{"statistics/control/a", {1}},
                      {"statistics/control/b", {2}},
                      {"statistics/control-archives", {1}}},
                     sums)
      .value();
}

TEST(ControlVariatesTest, QuantumIsAsFineAsTheRingAllows) {
  // By hand: 64 archives have 33,554,431 steps each, 2^24 as a power of two; 2 have 2^29, 1 has 2^30, 65 have
  // 2^24 as well, 2047 have 2^20.
  EXPECT_EQ(ControlVariates::QuantumFor(64), std::exp2(6 - 24));
  EXPECT_EQ(ControlVariates::QuantumFor(65), std::exp2(6 - 24));
  EXPECT_EQ(ControlVariates::QuantumFor(2), std::exp2(6 - 29));
  EXPECT_EQ(ControlVariates::QuantumFor(1), std::exp2(6 - 30));
  EXPECT_EQ(ControlVariates::QuantumFor(ControlVariates::kMostArchives), std::exp2(6 - 20));
}

TEST(ControlVariatesTest, TravelAsRingStepsWhoseSumIsExact) {
  const Told first = Tell({6, 0, -64 * 4}, 4), second = Tell({-1, 2, 64 * 4}, 4);
  EXPECT_THAT(first.statistics, ElementsAre(1.5f, 0, -64, 1));
  EXPECT_THAT(second.statistics, ElementsAre(-0.25f, 0.5f, 64, 1));
  Manifest::Terms terms;
  terms.clip_norm = 1;
  terms.max_weight = 1;
  terms.cohort_bound = kArchives;
  const Manifest manifest = Manifest::Create(ControlVariates(kTrained, kArchives).Segments(), terms).value();
  const auto encode = [&](const std::vector<float>& values) {
    NormMeter meter(manifest);
    EXPECT_THAT(meter.Add(values), IsOk());
    std::vector<uint32_t> ring(4);
    RingEncoder encoder = RingEncoder::Create(manifest, /*weight=*/1, /*delta_norm=*/0, /*seed=*/1).value();
    EXPECT_THAT(encoder.Encode(values, absl::MakeSpan(ring)), IsOk());
    return ring;
  };
  // By hand, in steps of 2^-18: 1.5 is 393216, -64 is -16777216, -0.25 is -65536, 0.5 is 131072.
  EXPECT_THAT(encode(first.statistics), ElementsAre(0x00060000u, 0u, 0xFF000000u, 1u));
  EXPECT_THAT(encode(second.statistics), ElementsAre(0xFFFF0000u, 0x00020000u, 0x01000000u, 1u));
}

TEST(ControlVariatesTest, CorrectionIsTheMeanOfAllMinusOnesOwn) {
  const Told first = Tell({6, 0, -64 * 4}, 4), second = Tell({-1, 2, 64 * 4}, 4);
  ControlVariates control(kTrained, kArchives);
  ASSERT_THAT(control.ReadShared(StateWith({first.statistics, second.statistics})), IsOk());
  EXPECT_THAT(control.correction(), IsEmpty());  // an archive that was never asked before
  EXPECT_EQ(control.ReadLocal(first.kept).value(), "discriminators");
  // By hand: (1.5 - 0.25) / 2 - 1.5, (0 + 0.5) / 2 - 0, 0 / 2 + 64.
  EXPECT_THAT(control.correction(), ElementsAre(-0.875f, 0.25f, 64));
}

TEST(ControlVariatesTest, CorrectionsOfTheArchivesCancelOut) {
  std::vector<Told> archives = {Tell({0.1, 1e-7, 3}, 3), Tell({-0.7, 2e-6, 5}, 3), Tell({11, -3e-5, 0.3}, 3)};
  std::vector<double> total(3);
  for (const Told& own : archives) {
    ControlVariates control(kTrained, kArchives);
    ASSERT_THAT(control.ReadShared(
                    StateWith({archives[0].statistics, archives[1].statistics, archives[2].statistics})),
                IsOk());
    ASSERT_THAT(control.ReadLocal(own.kept), IsOk());
    for (size_t i = 0; i < total.size(); ++i) total[i] += control.correction()[i];
  }
  for (const double sum : total) EXPECT_NEAR(sum, 0, 1e-6);
}

TEST(ControlVariatesTest, ValuesGoToTheNearestQuantum) {
  const double quantum = ControlVariates::QuantumFor(kArchives);
  const Told told = Tell({quantum * 2.75, quantum * 0.25, -quantum * 5.5}, 1);
  EXPECT_THAT(told.statistics, ElementsAre(3 * quantum, 0, -6 * quantum, 1));
}

TEST(ControlVariatesTest, MeanGradientAboveTheBoundNamesItselfAndLeavesTheOldOne) {
  ControlVariates control(kTrained, kArchives);
  ASSERT_THAT(control.Learn(Gradients({1, 2, 3}, 1)), IsOk());
  EXPECT_THAT(
      control.Learn(Gradients({2, 0, -129}, 2)),
      StatusIs(absl::StatusCode::kOutOfRange, AllOf(StartsWith("control-above-bound"), HasSubstr("tensor b"),
                                                    HasSubstr("found -64.5"), HasSubstr("at most 64"))));
  EXPECT_THAT(control.Statistics(), ElementsAre(1, 2, 3, 1));
}

TEST(ControlVariatesTest, TrainingWithoutAStepCountsNoArchiveAndKeepsWhatThereWas) {
  ControlVariates control(kTrained, kArchives);
  ASSERT_THAT(control.ReadLocal(Tell({1, 2, 3}, 1).kept), IsOk());
  ASSERT_THAT(control.Learn(Gradients({0, 0, 0}, 0)), IsOk());
  EXPECT_THAT(control.Statistics(), ElementsAre(0, 0, 0, 0));
  EXPECT_EQ(control.SaveLocal("discriminators").value(), Tell({1, 2, 3}, 1).kept);
}

TEST(ControlVariatesTest, StateBeginsWithZerosAndCorrectsNothing) {
  ControlVariates control(kTrained, kArchives);
  const std::string state = control.AddTo(State()).value();
  ASSERT_THAT(control.ReadShared(state), IsOk());
  ASSERT_THAT(control.ReadLocal(Tell({1, 2, 3}, 1).kept), IsOk());
  EXPECT_THAT(control.correction(), IsEmpty());
  std::string storage;
  EXPECT_EQ(WithoutControlVariates(state, storage).value(), State());
  EXPECT_EQ(WithoutControlVariates(State(), storage).value(), State());
  EXPECT_EQ(WithoutControlVariates("", storage).value(), "");
}

TEST(ControlVariatesTest, DamagedLocalFileIsRefused) {
  ControlVariates control(kTrained, kArchives);
  const auto damaged = StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("artifact-damaged"));
  EXPECT_THAT(control.ReadLocal("damaged"), damaged);
  ControlVariates other({{"a", {7}}}, kArchives);
  ASSERT_THAT(other.Learn(Gradients(std::vector<double>(7), 1)), IsOk());
  EXPECT_THAT(control.ReadLocal(other.SaveLocal("").value()), damaged);
}

// One value with the loss curvature / 2 * (w - minimum)^2.
class QuadraticModel final : public Model {
 public:
  QuadraticModel(float value, float curvature, float minimum)
      : values_{value}, curvature_(curvature), minimum_(minimum) {}
  const std::vector<NamedTensor>& trainable() const override { return trainable_; }
  absl::Span<float> values() override { return absl::MakeSpan(values_); }
  absl::Span<const float> gradients() const override { return gradients_; }
  absl::StatusOr<double> LossAndGradients(const Batch&, const StepTerms&) override {
    const float away = values_[0] - minimum_;
    gradients_ = {curvature_ * away};
    return 1 + curvature_ / 2 * away * away;
  }
  absl::StatusOr<std::vector<float>> Encode(absl::Span<const float>) override { return Unused(); }
  absl::StatusOr<std::vector<float>> Reconstruct(absl::Span<const float>) override { return Unused(); }
  absl::StatusOr<std::vector<float>> Decode(absl::Span<const float>, uint64_t) override { return Unused(); }
  absl::StatusOr<std::string> SaveState(const Metadata&) const override { return Unused(); }
  absl::StatusOr<std::string> SaveMerged(const Metadata&) const override { return Unused(); }

 private:
  static absl::Status Unused() { return absl::UnimplementedError("not part of this test"); }
  const std::vector<NamedTensor> trainable_ = {{"w", {1}}};
  std::vector<float> values_;
  std::vector<float> gradients_ = {0};
  float curvature_;
  float minimum_;
};

// Rounds of two archives with many local steps each; the average of both is where the next round begins.
class TwoArchives {
 public:
  explicit TwoArchives(bool corrected) : corrected_(corrected) {}

  float Run(int rounds) {
    for (int round = 0; round < rounds; ++round) {
      std::vector<float> sums(2);
      const float next = (Train(/*curvature=*/1, /*minimum=*/0, kept_[0], sums) +
                          Train(/*curvature=*/3, /*minimum=*/4, kept_[1], sums)) /
                         2;
      value_ = next;
      if (!corrected_) continue;
      state_ = WriteTensors({{"statistics/control/w", {1}}, {"statistics/control-archives", {1}}}, sums, {})
                   .value();
    }
    return value_;
  }

 private:
  float Train(float curvature, float minimum, std::string& kept, std::vector<float>& sums) {
    QuadraticModel model(value_, curvature, minimum);
    ControlVariates control(model.trainable(), 2);
    if (!state_.empty()) {
      EXPECT_THAT(control.ReadShared(state_), IsOk());
    }
    EXPECT_THAT(control.ReadLocal(kept), IsOk());
    WindowSampler sampler({WindowSource{100}}, 10, 1, [](size_t, int64_t, int64_t samples) {
      return absl::StatusOr<std::vector<float>>(std::vector<float>(samples, 1));
    });
    FitTerms terms;
    terms.steps = 200;
    terms.batch_size = 1;
    terms.learning_rate = 0.05;
    const std::atomic<bool> stop{false};
    const TrainingOutcome outcome =
        TrainLocally(model, sampler, terms, ModelTerms(), {[](int, double) {}, stop},
                     {{}, control.correction(), /*sum_gradients=*/true})
            .value();
    EXPECT_THAT(control.Learn(outcome), IsOk());
    if (corrected_) kept = control.SaveLocal("").value();
    for (size_t i = 0; i < sums.size(); ++i) sums[i] += control.Statistics()[i];
    return model.values()[0];
  }

  const bool corrected_;
  float value_ = -1;
  std::string state_;
  std::string kept_[2];
};

TEST(ScaffoldTest, ManyLocalStepsDriftWithoutCorrectionAndFindTheMeansMinimumWithIt) {
  // By hand: the mean of 1/2 w^2 and 3/2 (w - 4)^2 is least where w + 3 (w - 4) = 0, at 3. Archives that run
  // to their own minima, 0 and 4, average to 2, however many rounds there are.
  EXPECT_NEAR(TwoArchives(/*corrected=*/false).Run(30), 2, 0.05);
  EXPECT_NEAR(TwoArchives(/*corrected=*/true).Run(30), 3, 0.05);
}

}  // namespace
}  // namespace consort::trainer
