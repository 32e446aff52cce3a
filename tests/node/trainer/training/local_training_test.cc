#include "node/trainer/training/local_training.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/support/status_matchers.h"

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
    if (++step_ == failing_step) return absl::OutOfRangeError("not-finite: gradient has a NaN in tensor w");
    gradients_ = {slope};
    return slope * values_[0];
  }
  absl::StatusOr<std::vector<float>> Encode(absl::Span<const float>) override { return Unused(); }
  absl::StatusOr<std::vector<float>> Reconstruct(absl::Span<const float>) override { return Unused(); }
  absl::StatusOr<std::vector<float>> Decode(absl::Span<const float>, uint64_t) override { return Unused(); }
  absl::StatusOr<std::string> SaveState(const Metadata&) const override { return Unused(); }
  absl::StatusOr<std::string> SaveMerged(const Metadata&) const override { return Unused(); }

  float slope = 2;
  int failing_step = 0;

 private:
  static absl::Status Unused() { return absl::UnimplementedError("not part of this test"); }
  std::vector<NamedTensor> trainable_ = {{"w", {1}}};
  std::vector<float> values_ = {5};
  std::vector<float> gradients_ = {0};
  int step_ = 0;
};

class LocalTrainingTest : public ::testing::Test {
 protected:
  absl::StatusOr<TrainingOutcome> Train(const TrainingTerms& terms) {
    WindowSampler sampler({100}, 10, 1,
                          [](size_t, int64_t, int64_t samples) -> absl::StatusOr<std::vector<float>> {
                            return std::vector<float>(samples, 1);
                          });
    return TrainLocally(
        model_, sampler, terms, [this](int steps_done, double) { steps_ = steps_done; }, stop_);
  }

  SlopeModel model_;
  std::atomic<bool> stop_{false};
  int steps_ = 0;
};

TEST_F(LocalTrainingTest, DeltasAreValuesAfterMinusBeforeAndStepsFallLinearly) {
  // Adam against a constant slope moves by the learning rate at every step: 3/3, 2/3 and 1/3 of 0.1.
  const TrainingOutcome outcome = Train({3, 1, 0.1, 0, 1}).value();
  ASSERT_EQ(outcome.deltas.size(), 1u);
  EXPECT_NEAR(outcome.deltas[0], -0.2, 1e-5);
  EXPECT_NEAR(model_.values()[0], 4.8, 1e-5);
  EXPECT_EQ(outcome.first_loss, 10);
  EXPECT_NEAR(outcome.last_loss, 2 * (5 - 0.5 / 3), 1e-5);
  EXPECT_EQ(steps_, 3);
}

TEST_F(LocalTrainingTest, ProximalTermHoldsTheModelNearItsStart) {
  // Slope 2 against mu * (w - w0): the pulls balance where w - w0 = -2 / mu = -0.02.
  EXPECT_NEAR(Train({400, 1, 0.001, 100, 1}).value().deltas[0], -0.02, 0.005);
}

TEST_F(LocalTrainingTest, GradientThatIsNoNumberNamesTensorAndStep) {
  model_.failing_step = 2;
  EXPECT_THAT(Train({3, 1, 0.1, 0, 1}),
              StatusIs(absl::StatusCode::kOutOfRange,
                       AllOf(HasSubstr("not-finite"), HasSubstr("tensor w"), HasSubstr("step 2"))));
}

TEST_F(LocalTrainingTest, ValueThatIsNoNumberNamesTensorAndStep) {
  model_.slope = std::numeric_limits<float>::infinity();
  EXPECT_THAT(Train({3, 1, 0.1, 0, 1}),
              StatusIs(absl::StatusCode::kOutOfRange,
                       AllOf(HasSubstr("not-finite"), HasSubstr("tensor w"), HasSubstr("step 1"))));
}

TEST_F(LocalTrainingTest, StopsBeforeTheNextStep) {
  stop_ = true;
  EXPECT_THAT(Train({3, 1, 0.1, 0, 1}), StatusIs(absl::StatusCode::kCancelled, HasSubstr("step 1")));
  EXPECT_EQ(steps_, 0);
}

}  // namespace
}  // namespace consort::trainer
