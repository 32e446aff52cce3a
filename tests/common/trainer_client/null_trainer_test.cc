// The daemons' tests rest on the null trainer keeping the Trainer's promises.
#include "tests/support/null_trainer.h"

#include <cmath>

#include "common/update/manifest.h"
#include "consort/v1/job.pb.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace consort::testing {
namespace {

std::string Spec() {
  v1::JobSpec spec;
  spec.set_clip_norm(2);
  spec.set_max_weight(100);
  spec.set_cohort_bound(4);
  return spec.SerializeAsString();
}

TEST(NullTrainerTest, TrainsAsManyValuesAsItsManifestHasWithinTheClipNorm) {
  NullTrainer trainer({.coordinates = 300'000});
  const auto prepared = trainer.Prepare(Spec(), "");
  ASSERT_THAT(prepared, IsOk());
  v1::TrainHeader header;
  header.set_manifest(prepared->manifests[0]);
  int64_t count = 0;
  double squares = 0;
  Cancellation cancellation;
  ASSERT_THAT(trainer.Train(
                  header, {}, nullptr,
                  [&](absl::Span<const float> values) {
                    count += values.size();
                    for (float value : values) squares += static_cast<double>(value) * value;
                    return absl::OkStatus();
                  },
                  cancellation),
              IsOk());
  EXPECT_EQ(count, 300'000);
  EXPECT_NEAR(std::sqrt(squares), 1.0, 1e-4);  // half of the clip norm 2
  EXPECT_EQ(trainer.trainings(), 1);
}

TEST(NullTrainerTest, FailsAsToldUntilToldOtherwise) {
  NullTrainer trainer;
  trainer.FailWith(absl::UnavailableError("trainer-crashed"));
  EXPECT_THAT(trainer.Plan(Spec()), StatusIs(absl::StatusCode::kUnavailable, "trainer-crashed"));
  trainer.FailWith(absl::OkStatus());
  EXPECT_THAT(trainer.Plan(Spec()), IsOk());
}

TEST(NullTrainerTest, HeldTrainingEndsWhenCancelled) {
  NullTrainer trainer({.train_until_cancelled = true});
  Cancellation cancellation;
  cancellation.Cancel();
  EXPECT_THAT(trainer.Train({}, {}, nullptr, nullptr, cancellation),
              StatusIs(absl::StatusCode::kCancelled, ::testing::_));
}

}  // namespace
}  // namespace consort::testing
