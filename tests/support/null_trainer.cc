#include "tests/support/null_trainer.h"

#include <algorithm>
#include <cmath>
#include <future>
#include <utility>
#include <vector>

#include "common/artifact/safetensors.h"
#include "common/status/macros.h"
#include "common/update/manifest.h"
#include "consort/v1/job.pb.h"

namespace consort::testing {
namespace {

constexpr int64_t kBlock = 1 << 18;  // values handed over at a time, as over the socket: 1 MiB

// `count` values of the size `value`, signs alternating, in blocks of even length.
absl::Status TakeAlternating(int64_t count, float value, const Trainer::TakeValues& take) {
  std::vector<float> block(std::min(count, kBlock));
  for (size_t i = 0; i < block.size(); ++i) block[i] = i % 2 == 0 ? value : -value;
  for (int64_t done = 0; done < count; done += kBlock) {
    RETURN_IF_ERROR(take(absl::MakeConstSpan(block).first(std::min(kBlock, count - done))));
  }
  return absl::OkStatus();
}

absl::Status WaitForCancel(Cancellation& cancellation) {
  std::promise<void> cancelled;
  cancellation.OnCancel([&] { cancelled.set_value(); });
  cancelled.get_future().wait();
  cancellation.OnCancel(nullptr);
  return absl::CancelledError("cancelled on request");
}

}  // namespace

void NullTrainer::FailWith(absl::Status status) {
  MutexLock lock(mutex_);
  failure_ = std::move(status);
}

int NullTrainer::trainings() const {
  MutexLock lock(mutex_);
  return trainings_;
}

int NullTrainer::evaluations() const {
  MutexLock lock(mutex_);
  return evaluations_;
}

absl::Status NullTrainer::Failure() const {
  MutexLock lock(mutex_);
  return failure_;
}

v1::TraditionSupply NullTrainer::Supply() const {
  v1::TraditionSupply supply;
  supply.set_tradition(options_.tradition);
  supply.set_training_recordings(1);
  supply.set_holdout_recordings(options_.holdout_recordings);
  supply.set_training_seconds(options_.training_seconds);
  return supply;
}

absl::StatusOr<v1::DescribeResponse> NullTrainer::Describe() {
  RETURN_IF_ERROR(Failure());
  v1::DescribeResponse response;
  response.set_trainer_version("null");
  response.set_has_recordings(true);
  *response.add_supplies() = Supply();
  return response;
}

absl::StatusOr<Trainer::Prepared> NullTrainer::Prepare(absl::string_view spec, const std::string&) {
  RETURN_IF_ERROR(Failure());
  v1::JobSpec job;
  if (!job.ParseFromString(std::string(spec)))
    return absl::InvalidArgumentError("artifact-damaged: no JobSpec");
  Manifest::Terms terms;
  terms.clip_norm = job.clip_norm();
  terms.max_weight = job.max_weight();
  terms.cohort_bound = job.cohort_bound();
  ASSIGN_OR_RETURN(const Manifest manifest, Manifest::Create({{"weight", {options_.coordinates}}}, terms));
  const std::string zeros(options_.coordinates * sizeof(float), '\0');
  ASSIGN_OR_RETURN(std::string state,
                   WriteSafetensors({{"weight", "F32", {options_.coordinates}, zeros}}, {}));
  return Prepared{{manifest.json()}, std::move(state)};
}

absl::StatusOr<v1::PlanResponse> NullTrainer::Plan(absl::string_view) {
  RETURN_IF_ERROR(Failure());
  v1::PlanResponse response;
  response.set_trainer_version("null");
  *response.add_supplies() = Supply();
  return response;
}

absl::StatusOr<v1::TrainResult> NullTrainer::Train(const v1::TrainHeader& header, const TrainerArtifacts&,
                                                   const Progress& progress, const TakeValues& values,
                                                   Cancellation& cancellation) {
  RETURN_IF_ERROR(Failure());
  if (options_.train_until_cancelled) return WaitForCancel(cancellation);
  ASSIGN_OR_RETURN(const Manifest manifest, Manifest::Parse(header.manifest()));
  if (progress) progress({});
  const double norm = options_.share_of_clip * manifest.terms().clip_norm;
  const double value = norm / std::sqrt(static_cast<double>(manifest.delta_coordinates()));
  RETURN_IF_ERROR(TakeAlternating(manifest.delta_coordinates(), static_cast<float>(value), values));
  RETURN_IF_ERROR(TakeAlternating(manifest.statistic_coordinates(), 0, values));
  v1::TrainResult result;
  result.set_training_seconds(options_.training_seconds);
  result.set_windows(1);
  MutexLock lock(mutex_);
  ++trainings_;
  return result;
}

absl::StatusOr<v1::EvaluateResult> NullTrainer::Evaluate(const v1::EvaluateHeader&, const TrainerArtifacts&,
                                                         const Progress& progress, Cancellation&) {
  RETURN_IF_ERROR(Failure());
  if (progress) progress({});
  v1::EvaluateResult result;
  result.set_measure("multi-scale-stft-distance.v1");
  v1::TraditionScores& scores = *result.add_scores();
  scores.set_tradition(options_.tradition);
  for (int i = 0; i < options_.holdout_recordings; ++i) {
    v1::ScorePair& pair = *scores.add_pairs();
    pair.set_before(options_.score_before);
    pair.set_after(options_.score_after);
  }
  MutexLock lock(mutex_);
  ++evaluations_;
  return result;
}

}  // namespace consort::testing
