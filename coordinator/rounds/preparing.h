// From a submitted job to one that can be offered: our own trainer makes its manifests and first state.
#ifndef CONSORT_COORDINATOR_ROUNDS_PREPARING_H_
#define CONSORT_COORDINATOR_ROUNDS_PREPARING_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "coordinator/rounds/engine_context.h"

namespace consort::coordinator {

class Preparing {
 public:
  // A trainer that starts together with us may need some seconds: only then is it asked more than once.
  static constexpr int kAttemptsAfterRestart = 5;
  static constexpr absl::Duration kBetweenAttempts = absl::Seconds(2);

  explicit Preparing(EngineContext& context) : context_(context) {}

  // Asks the trainer for manifests and the initial state; then the job and an offer for every archive are
  // stored, the job is written to the ledger, and the flow goes on with planning.
  void Begin(const JobRow& job, int attempts);

 private:
  struct Prepared {
    std::vector<std::string> manifests;  // as JobFacts has them
    std::string state_artifact;
    std::string state_digest;
    std::string base_digest;
  };
  absl::StatusOr<Prepared> PrepareNow(const v1::JobSpec& spec, const std::string& spec_bytes) const;
  void OnPrepared(const std::string& job_id, int attempts, const absl::StatusOr<Prepared>& prepared);
  absl::Status CommitPrepared(const std::string& job_id, const Prepared& prepared, bool& stale);

  EngineContext& context_;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_ROUNDS_PREPARING_H_
