// Answers job offers: what would this archive do, and may it?
#ifndef CONSORT_NODE_DAEMON_PLANNING_H_
#define CONSORT_NODE_DAEMON_PLANNING_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "consort/v1/session.pb.h"
#include "node/daemon/entry_outlet.h"
#include "node/daemon/parts.h"
#include "node/daemon/work_queue.h"

namespace consort::node {

// What this archive approved. `plan_digest` covers the bytes as they were sent; nobody re-serialises them.
struct ApprovedJob {
  v1::Plan plan;
  std::string plan_digest;
};

// Owned by the daemon's executor.
class Planning {
 public:
  // A trainer that is starting (it scans the recordings first) or restarting is asked again so many times.
  static constexpr int kAttempts = 5;
  static constexpr absl::Duration kRetryAfter = absl::Seconds(2);

  Planning(const DaemonSettings& settings, DaemonParts& parts, Session& session, EntryOutlet& outlet,
           WorkQueue& queue);

  // Plans once, decides once, and answers every repetition of the offer with the same plan and decision.
  void OnOffer(const v1::Envelope& envelope);
  void OnInvitation(const v1::Envelope& envelope);

  // The plan that this archive approved for the job. Errors: FailedPrecondition "policy: ..." if there is
  // none.
  absl::StatusOr<ApprovedJob> ApprovedPlan(const std::string& job_id) const;

  // Jobs that were offered and have not ended as far as this node knows, in no particular order, at most
  // session::kMaxOpenJobs.
  std::vector<std::string> OpenJobs() const;
  // The job has ended: its offer goes. The answer stays, as the archive's record of what it approved.
  void OnJobEnded(const std::string& job_id);

  // Asks the trainer, every kProbeEvery until it answers, whether it is there. What its last plan said counts
  // after.
  static constexpr absl::Duration kProbeEvery = absl::Seconds(10);
  void ProbeTrainer();
  bool trainer_ready() const { return trainer_ready_; }

 private:
  void RefuseUnsigned(const v1::Envelope& asked);
  void Ask(const v1::JobOffer& offer, int attempt);
  void OnPlanned(const v1::JobOffer& offer, int attempt, const absl::StatusOr<v1::PlanResponse>& response);
  absl::StatusOr<v1::Plan> MakePlan(const v1::JobOffer& offer, const v1::PlanResponse& response) const;
  void Answer(const v1::JobOffer& offer, const v1::Plan& plan, const PolicyDecision& decision);
  void SendAnswer(const std::string& job_id);

  const DaemonSettings& settings_;
  DaemonParts& parts_;
  Session& session_;
  EntryOutlet& outlet_;
  WorkQueue& queue_;
  bool trainer_ready_ = false;
};

}  // namespace consort::node

#endif  // CONSORT_NODE_DAEMON_PLANNING_H_
