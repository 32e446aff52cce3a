#include "node/trainer/training/local_training.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort::trainer {
namespace {

using ::consort::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;

// A model with one value and the loss that its author hands it.
class SlopeModel final : public Model {
 public:
  const std::vector<NamedTensor>& trainable() const override { return trainable_; }
  absl::Span<float> values() override { return absl::MakeSpan(values_); }
  absl::Span<const float> gradients() const override { return gradients_; }
  // Loss slope * w: the gradient is the slope wherever w is.
  absl::StatusOr<double> LossAndGradients(const Batch&, const StepTerms&) override {
    ++step_;
    if (step_ >= failing_from && step_ < failing_from + failing_steps) {
      return absl::OutOfRangeError("not-finite: gradient has a NaN in tensor w");
    }
    gradients_ = {slope};
    return step_ >= exploding_from && step_ < exploding_from + exploding_steps ? 1e6 : slope * values_[0];
  }
  absl::StatusOr<std::vector<float>> Encode(absl::Span<const float>) override { return Unused(); }
  absl::StatusOr<std::vector<float>> Reconstruct(absl::Span<const float>) override { return Unused(); }
  absl::StatusOr<std::vector<float>> Decode(absl::Span<const float>, uint64_t) override { return Unused(); }
  absl::StatusOr<std::string> SaveState(const Metadata&) const override { return Unused(); }
  absl::StatusOr<std::string> SaveMerged(const Metadata&) const override { return Unused(); }

  float slope = 2;
  int failing_from = 0;
  int failing_steps = 0;
  int exploding_from = 0;
  int exploding_steps = 0;

 private:
  static absl::Status Unused() { return absl::UnimplementedError("not part of this test"); }
  std::vector<NamedTensor> trainable_ = {{"w", {1}}};
  std::vector<float> values_ = {5};
  std::vector<float> gradients_ = {0};
  int step_ = 0;
};

// Gradients that depend on the window, the step's noise and the values.
class NoisyModel final : public Model {
 public:
  const std::vector<NamedTensor>& trainable() const override { return trainable_; }
  absl::Span<float> values() override { return absl::MakeSpan(values_); }
  absl::Span<const float> gradients() const override { return gradients_; }
  absl::StatusOr<double> LossAndGradients(const Batch& batch, const StepTerms& step) override {
    const float noise = static_cast<float>(step.seed % 1000) / 1000;
    gradients_ = {values_[0] - batch.audio[0] + noise, values_[1] * batch.audio[1] - noise};
    return values_[0] * values_[0] + 1;
  }
  absl::StatusOr<std::vector<float>> Encode(absl::Span<const float>) override { return Unused(); }
  absl::StatusOr<std::vector<float>> Reconstruct(absl::Span<const float>) override { return Unused(); }
  absl::StatusOr<std::vector<float>> Decode(absl::Span<const float>, uint64_t) override { return Unused(); }
  absl::StatusOr<std::string> SaveState(const Metadata&) const override { return Unused(); }
  absl::StatusOr<std::string> SaveMerged(const Metadata&) const override { return Unused(); }

 private:
  static absl::Status Unused() { return absl::UnimplementedError("not part of this test"); }
  std::vector<NamedTensor> trainable_ = {{"v", {1}}, {"w", {1}}};
  std::vector<float> values_ = {0.5f, -0.25f};
  std::vector<float> gradients_ = {0, 0};
};

FitTerms Terms(int steps, double learning_rate, double proximal_mu = 0) {
  FitTerms terms;
  terms.steps = steps;
  terms.batch_size = 1;
  terms.learning_rate = learning_rate;
  terms.proximal_mu = proximal_mu;
  terms.steps_seed = 1;
  return terms;
}

class LocalTrainingTest : public ::testing::Test {
 protected:
  absl::StatusOr<TrainingOutcome> Train(const FitTerms& terms, const Steering& steering = {}) {
    WindowSampler sampler({WindowSource{100}}, 10, 1,
                          [](size_t, int64_t, int64_t samples) -> absl::StatusOr<std::vector<float>> {
                            return std::vector<float>(samples, 1);
                          });
    return TrainLocally(model_, sampler, terms, ModelTerms(),
                        {[this](int steps_done, double) { steps_ = steps_done; }, stop_, checkpoint_,
                         /*checkpoint_interval=*/absl::ZeroDuration()},
                        steering);
  }

  SlopeModel model_;
  std::atomic<bool> stop_{false};
  const CheckpointFile* checkpoint_ = nullptr;
  int steps_ = 0;
};

TEST_F(LocalTrainingTest, DeltasAreValuesAfterMinusBeforeAndStepsFallLinearly) {
  // Adam against a constant slope moves by the learning rate at every step: 3/3, 2/3 and 1/3 of 0.1.
  const TrainingOutcome outcome = Train(Terms(3, 0.1)).value();
  ASSERT_EQ(outcome.deltas.size(), 1u);
  EXPECT_NEAR(outcome.deltas[0], -0.2, 1e-5);
  EXPECT_NEAR(model_.values()[0], 4.8, 1e-5);
  EXPECT_EQ(outcome.first_loss, 10);
  EXPECT_NEAR(outcome.last_loss, 2 * (5 - 0.5 / 3), 1e-5);
  EXPECT_EQ(steps_, 3);
}

TEST_F(LocalTrainingTest, ProximalTermHoldsTheModelNearItsStart) {
  // Slope 2 against mu * (w - w0): the pulls balance where w - w0 = -2 / mu = -0.02.
  EXPECT_NEAR(Train(Terms(400, 0.001, 100)).value().deltas[0], -0.02, 0.005);
}

TEST_F(LocalTrainingTest, AnchorIsWhatTheProximalTermPullsTowards) {
  // Slope 2 against mu * (w - 4): the pulls balance at 4 - 2 / 100 = 3.98, from a start of 5.
  const std::vector<float> anchor = {4};
  Steering steering;
  steering.anchor = anchor;
  EXPECT_NEAR(Train(Terms(800, 0.01, 100), steering).value().deltas[0], -1.02, 0.005);
}

TEST_F(LocalTrainingTest, CorrectionIsAddedToEveryGradientAndNotToTheirSum) {
  // Adam moves by the learning rate against the sign of 2 - 3: 3/3, 2/3 and 1/3 of 0.1, upwards.
  const std::vector<float> correction = {-3};
  Steering steering;
  steering.correction = correction;
  steering.sum_gradients = true;
  const TrainingOutcome outcome = Train(Terms(3, 0.1), steering).value();
  EXPECT_NEAR(outcome.deltas[0], 0.2, 1e-5);
  EXPECT_THAT(outcome.gradient_sum, ::testing::ElementsAre(6));  // three times the slope
  EXPECT_EQ(outcome.gradient_steps, 3);
}

TEST_F(LocalTrainingTest, SkippedStepsAreNotInTheSumOfGradients) {
  model_.failing_from = 2;
  model_.failing_steps = 1;
  Steering steering;
  steering.sum_gradients = true;
  const TrainingOutcome outcome = Train(Terms(3, 0.1), steering).value();
  EXPECT_THAT(outcome.gradient_sum, ::testing::ElementsAre(4));
  EXPECT_EQ(outcome.gradient_steps, 2);
}

TEST_F(LocalTrainingTest, StepThatCannotBeLearntFromIsSkipped) {
  model_.failing_from = 2;
  model_.failing_steps = 1;
  // 3/3 and 1/3 of 0.1; the second step changed nothing.
  EXPECT_NEAR(Train(Terms(3, 0.1)).value().deltas[0], -0.4 / 3, 1e-5);
}

TEST_F(LocalTrainingTest, LossThatExplodesNamesItselfAndTheSteepestTensor) {
  model_.exploding_from = 2;
  model_.exploding_steps = 3;
  EXPECT_THAT(Train(Terms(5, 0.1)), StatusIs(absl::StatusCode::kOutOfRange,
                                             AllOf(HasSubstr("diverged: the loss rose from 10 to 1e+06"),
                                                   HasSubstr("tensor w"), HasSubstr("step 4"))));
}

TEST_F(LocalTrainingTest, OneImmenseLossIsSkipped) {
  // A window that is all but silent: relative to it every error is immense.
  model_.exploding_from = 2;
  model_.exploding_steps = 2;
  const TrainingOutcome outcome = Train(Terms(4, 0.1)).value();
  EXPECT_EQ(outcome.first_loss, 10);
  EXPECT_LT(outcome.last_loss, 10);
  // Adam's step is the learning rate wherever the gradient stays the same: 0.1 at step 1 and a quarter of it
  // at step 4; none for those that were skipped.
  EXPECT_NEAR(outcome.deltas[0], -0.125, 1e-5);
}

TEST_F(LocalTrainingTest, GradientsThatAreNoNumbersThreeTimesNameTensorAndStep) {
  model_.failing_from = 2;
  model_.failing_steps = 3;
  EXPECT_THAT(Train(Terms(5, 0.1)),
              StatusIs(absl::StatusCode::kOutOfRange,
                       AllOf(HasSubstr("not-finite"), HasSubstr("tensor w"), HasSubstr("step 4"))));
}

TEST_F(LocalTrainingTest, ValueThatIsNoNumberNamesTensorAndStep) {
  model_.slope = std::numeric_limits<float>::infinity();
  EXPECT_THAT(Train(Terms(3, 0.1)),
              StatusIs(absl::StatusCode::kOutOfRange,
                       AllOf(HasSubstr("not-finite"), HasSubstr("tensor w"), HasSubstr("step 1"))));
}

TEST(KlWeightTest, RisesLogLinearlyToItsWeight) {
  ModelTerms terms;
  terms.kl_start = 1e-6;
  terms.kl_weight = 1e-2;
  terms.kl_warm_up_steps = 4;
  // A factor of ten a step.
  EXPECT_DOUBLE_EQ(KlWeightAt(0, terms), 1e-6);
  EXPECT_NEAR(KlWeightAt(1, terms), 1e-5, 1e-12);
  EXPECT_NEAR(KlWeightAt(3, terms), 1e-3, 1e-10);
  EXPECT_DOUBLE_EQ(KlWeightAt(4, terms), 1e-2);
  EXPECT_DOUBLE_EQ(KlWeightAt(400, terms), 1e-2);
  terms.kl_warm_up_steps = 0;
  EXPECT_DOUBLE_EQ(KlWeightAt(0, terms), 1e-2);
}

// A training whose every step depends on all that a checkpoint holds: window, noise, moments and values.
TEST(ResumedTrainingTest, EndsWithTheSameBitsWhereverItWasInterrupted) {
  const consort::testing::TemporaryDirectory directory;
  const auto train = [&](int stop_after, const CheckpointFile* checkpoint) {
    NoisyModel model;
    WindowSampler sampler({WindowSource{100}, WindowSource{50}}, 10, 1,
                          [](size_t recording, int64_t begin, int64_t samples) {
                            std::vector<float> audio;
                            for (int64_t i = 0; i < samples; ++i)
                              audio.push_back(std::sin(0.1f * (begin + i) + recording));
                            return absl::StatusOr<std::vector<float>>(audio);
                          });
    std::atomic<bool> stop{false};
    const std::vector<float> anchor = {0.25f, 0.125f}, correction = {0.0625f, -0.5f};
    const absl::StatusOr<TrainingOutcome> outcome = TrainLocally(
        model, sampler, Terms(12, 0.1, 0.5), ModelTerms(),
        {[&](int step, double) { stop = step == stop_after; }, stop, checkpoint, absl::ZeroDuration()},
        {anchor, correction, /*sum_gradients=*/true});
    std::vector<double> values;
    if (!outcome.ok()) return values;
    values.assign(outcome->deltas.begin(), outcome->deltas.end());
    values.insert(values.end(), outcome->gradient_sum.begin(), outcome->gradient_sum.end());
    values.push_back(static_cast<double>(outcome->gradient_steps));
    return values;
  };
  const std::vector<double> whole = train(/*stop_after=*/0, nullptr);
  ASSERT_THAT(whole, ::testing::SizeIs(5));
  for (int stop_after = 1; stop_after < 12; ++stop_after) {
    const CheckpointFile checkpoint(directory.Path("training.safetensors"), absl::StrCat(stop_after));
    EXPECT_TRUE(train(stop_after, &checkpoint).empty());
    EXPECT_EQ(train(/*stop_after=*/0, &checkpoint), whole) << "interrupted after step " << stop_after;
  }
}

TEST_F(LocalTrainingTest, StopsBeforeTheNextStep) {
  stop_ = true;
  EXPECT_THAT(Train(Terms(3, 0.1)), StatusIs(absl::StatusCode::kCancelled, HasSubstr("step 1")));
  EXPECT_EQ(steps_, 0);
}

}  // namespace
}  // namespace consort::trainer
