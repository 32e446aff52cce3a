// From a submitted job to its roster: prepares the model, offers the job, takes the archives' answers.
#ifndef CONSORT_COORDINATOR_ROUNDS_PLANNING_H_
#define CONSORT_COORDINATOR_ROUNDS_PLANNING_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "coordinator/rounds/engine_context.h"

namespace consort::coordinator {

class Planning {
 public:
  // A trainer that starts together with us may need some seconds: only then is it asked more than once.
  static constexpr int kAttemptsAfterRestart = 5;
  static constexpr absl::Duration kBetweenAttempts = absl::Seconds(2);

  explicit Planning(EngineContext& context) : context_(context) {}

  // Submitted: asks our trainer for manifests and the initial state; then the job is written to the ledger
  // and offered.
  void Prepare(const JobRow& job, int attempts);
  // Planning: offers the job to those who have not answered, until recruiting_seconds have passed since the
  // first offers; a restart does not begin them anew.
  void Begin(const JobRow& job);
  // An archive has a new session: it gets an offer that it has not answered.
  void Reoffer(const JobRow& job, const std::string& archive);
  void OnAnswer(const std::string& archive, const v1::Envelope& envelope);

 private:
  struct Prepared {
    std::vector<std::string> manifests;
    std::string state_artifact;
    std::string state_digest;
    std::string base_digest;
  };
  absl::StatusOr<Prepared> PrepareNow(const v1::JobSpec& spec, const std::string& spec_bytes) const;
  void OnPrepared(const std::string& job_id, int attempts, const absl::StatusOr<Prepared>& prepared);
  absl::Status CommitPrepared(const std::string& job_id, const Prepared& prepared, bool& stale);
  absl::Status SendOffer(const JobRow& job, const std::string& archive);
  absl::Status TakeAnswer(const std::string& archive, const v1::OfferAnswer& answer);
  // Whether planning is over; `window_over`: recruiting_seconds have passed.
  absl::Status Consider(const std::string& job_id, bool window_over);
  absl::Status StartRunning(const std::string& job_id);

  EngineContext& context_;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_ROUNDS_PLANNING_H_
