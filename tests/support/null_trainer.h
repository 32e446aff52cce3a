// A trainer without models or recordings that returns at once: tests of the daemons and the benchmarks of the
// network use it, so that neither needs LibTorch.
#ifndef CONSORT_TESTS_SUPPORT_NULL_TRAINER_H_
#define CONSORT_TESTS_SUPPORT_NULL_TRAINER_H_

#include <cstdint>
#include <string>

#include "common/sync/mutex.h"
#include "common/trainer_client/trainer.h"

namespace consort::testing {

// What the calls answer. Prepare makes one manifest with the terms of the job's specification and one delta
// segment "weight", and a state of zeros; Train gives each delta of the header's manifest the same size,
// signs alternating, and each statistic zero.
struct NullTrainerOptions {
  int64_t coordinates = 1000;      // deltas of the model
  double share_of_clip = 0.5;      // L2 norm of the deltas as a share of the clip norm; above 1 breaks it
  std::string tradition = "null";  // the one tradition supplied and scored
  uint64_t training_seconds = 60;
  double score_before = 1.0;
  double score_after = 0.9;
  int holdout_recordings = 5;  // scores in an evaluation
  bool train_until_cancelled = false;
};

// Thread-safe.
class NullTrainer final : public Trainer {
 public:
  explicit NullTrainer(const NullTrainerOptions& options = {}) : options_(options) {}

  // Makes every later call end with `status`; OK ends that.
  void FailWith(absl::Status status);
  // Calls of Train that returned a result.
  int trainings() const;
  // Calls of Evaluate that returned a result.
  int evaluations() const;

  absl::StatusOr<v1::DescribeResponse> Describe() override;
  // Errors: InvalidArgument for a specification that is none, or whose terms make no manifest.
  absl::StatusOr<Prepared> Prepare(absl::string_view spec, const std::string& base_path) override;
  absl::StatusOr<v1::PlanResponse> Plan(absl::string_view spec) override;
  // Errors: InvalidArgument for a header without a manifest.
  absl::StatusOr<v1::TrainResult> Train(const v1::TrainHeader& header, const TrainerArtifacts& artifacts,
                                        const Progress& progress, const TakeValues& values,
                                        Cancellation& cancellation) override;
  absl::StatusOr<v1::EvaluateResult> Evaluate(const v1::EvaluateHeader& header,
                                              const TrainerArtifacts& artifacts, const Progress& progress,
                                              Cancellation& cancellation) override;

 private:
  absl::Status Failure() const;
  v1::TraditionSupply Supply() const;

  const NullTrainerOptions options_;
  mutable Mutex mutex_;
  absl::Status failure_ CONSORT_GUARDED_BY(mutex_);
  int trainings_ CONSORT_GUARDED_BY(mutex_) = 0;
  int evaluations_ CONSORT_GUARDED_BY(mutex_) = 0;
};

}  // namespace consort::testing

#endif  // CONSORT_TESTS_SUPPORT_NULL_TRAINER_H_
