// A trainer as the node daemon and the coordinator see it. GrpcTrainer talks to consort-trainer over its Unix
// socket; tests and benchmarks put others in its place.
#ifndef CONSORT_COMMON_TRAINER_CLIENT_TRAINER_H_
#define CONSORT_COMMON_TRAINER_CLIENT_TRAINER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "consort/v1/trainer.pb.h"

namespace consort {

// The files that a call reads, by path on the caller's side; the trainer gets their bytes.
struct TrainerArtifacts {
  std::string base_path;
  std::string state_path;   // Train, Render: empty when the state is the base itself
  std::string before_path;  // Evaluate: empty for the base
  std::string after_path;
};

// Lets one thread ask another's running call to stop. Thread-safe.
class Cancellation {
 public:
  Cancellation();
  ~Cancellation();
  void Cancel();
  bool cancelled() const;
  // Runs `callback` at Cancel, or at once if that has happened. The last one set wins; null clears it.
  void OnCancel(std::function<void()> callback);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Every call blocks its thread, and ends within 10 s of the trainer's death or silence. Errors of every call:
// Unavailable with the code "trainer-crashed" (process gone) or "trainer-stuck" (its liveness thread silent
// for 8 s) first in the message; Cancelled; and what the trainer answered, a code first: InvalidArgument
// "artifact-damaged" or "wrong-architecture", FailedPrecondition "no-usable-recording" or "no-consent",
// OutOfRange "not-finite".
class Trainer {
 public:
  using Progress = std::function<void(const v1::TrainProgress&)>;
  // Values in manifest order; a failure ends the call with that status.
  using TakeValues = std::function<absl::Status(absl::Span<const float>)>;

  virtual ~Trainer() = default;

  virtual absl::StatusOr<v1::DescribeResponse> Describe() = 0;

  struct Prepared {
    std::vector<std::string> manifests;  // canonical JSON, in their order; they take turns by round
    std::string state;                   // safetensors
    std::string last_manifest = {};      // of the job's last round, if that has one of its own; else empty
  };
  virtual absl::StatusOr<Prepared> Prepare(absl::string_view spec, const std::string& base_path) = 0;
  virtual absl::StatusOr<v1::PlanResponse> Plan(absl::string_view spec) = 0;
  virtual absl::StatusOr<v1::TrainResult> Train(const v1::TrainHeader& header,
                                                const TrainerArtifacts& artifacts, const Progress& progress,
                                                const TakeValues& values, Cancellation& cancellation) = 0;
  virtual absl::StatusOr<v1::EvaluateResult> Evaluate(const v1::EvaluateHeader& header,
                                                      const TrainerArtifacts& artifacts,
                                                      const Progress& progress,
                                                      Cancellation& cancellation) = 0;
};

}  // namespace consort

#endif  // CONSORT_COMMON_TRAINER_CLIENT_TRAINER_H_
