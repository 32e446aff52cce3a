// The Trainer behind consort-trainer's Unix socket.
#ifndef CONSORT_COMMON_TRAINER_CLIENT_GRPC_TRAINER_H_
#define CONSORT_COMMON_TRAINER_CLIENT_GRPC_TRAINER_H_

#include <functional>
#include <memory>
#include <string>

#include "common/trainer_client/liveness_watch.h"
#include "common/trainer_client/trainer.h"

namespace consort {

// Thread-safe; the trainer itself takes heavy calls one after the other. Each call has a thread of its own
// that watches the trainer. Beside the errors of Trainer's header:
// - Unavailable "trainer-busy": Describe, Plan or Prepare was not answered within its limit (a training
// runs);
// - Unavailable "trainer-scanning": Describe while the recordings are read for the first time;
// - ResourceExhausted "trainer-busy", "artifact-too-large"; what reading an artifact's file says.
// A call made while the trainer restarts waits for it, at most LivenessLimits::start.
class GrpcTrainer final : public Trainer {
 public:
  // Describe is answered from memory; Plan and Prepare may stand behind a running training.
  static constexpr absl::Duration kDescribeLimit = absl::Seconds(10);
  static constexpr absl::Duration kQueueLimit = absl::Minutes(10);

  struct Options {
    std::string socket_path;
    // Runs when a call found the trainer stuck: where Launcher::KillTrainer is called. May be null.
    std::function<void()> on_stuck;
    LivenessLimits limits;
  };
  // Connects at the first call. After the process has restricted itself: gRPC starts threads.
  explicit GrpcTrainer(Options options);
  ~GrpcTrainer() override;

  absl::StatusOr<v1::DescribeResponse> Describe() override;
  absl::StatusOr<Prepared> Prepare(absl::string_view spec, const std::string& base_path) override;
  absl::StatusOr<v1::PlanResponse> Plan(absl::string_view spec) override;
  absl::StatusOr<v1::TrainResult> Train(const v1::TrainHeader& header, const TrainerArtifacts& artifacts,
                                        const Progress& progress, const TakeValues& values,
                                        Cancellation& cancellation) override;
  absl::StatusOr<v1::EvaluateResult> Evaluate(const v1::EvaluateHeader& header,
                                              const TrainerArtifacts& artifacts, const Progress& progress,
                                              Cancellation& cancellation) override;

 private:
  class Call;
  struct Connections;

  const Options options_;
  const std::unique_ptr<Connections> connections_;
};

}  // namespace consort

#endif  // CONSORT_COMMON_TRAINER_CLIENT_GRPC_TRAINER_H_
