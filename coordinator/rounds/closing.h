// How rounds and jobs end: closed, released, failed, cancelled.
#ifndef CONSORT_COORDINATOR_ROUNDS_CLOSING_H_
#define CONSORT_COORDINATOR_ROUNDS_CLOSING_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "coordinator/rounds/engine_context.h"

namespace consort::coordinator {

class Closing {
 public:
  explicit Closing(EngineContext& context) : context_(context) {}

  // Closes a round that has its result, seals the ledger and deletes the round's spools.
  absl::Status CloseRound(const std::string& round_id);
  // Enters the release of the last round's model with its results and harms, and completes the job once
  // witnesses have seen that entry: called again then, and after a restart. A job whose witnesses have not
  // come by its deadline is paused, and still completes when they do.
  absl::Status Complete(const std::string& job_id);
  // Until when a job that begins to wait now waits, wall clock.
  int64_t WitnessDeadline() const;
  // Ends a job that has not ended: failed or cancelled. An open round is abandoned with the same reason;
  // nodes are told.
  absl::Status EndJob(const std::string& job_id, v1::JobState state, const std::string& reason);
  // An archive with a new session takes these jobs for open: it is told of those that were offered to it and
  // have ended. Others are passed over.
  absl::Status TellEnded(const std::string& archive, const std::vector<std::string>& jobs);

 private:
  void ForgetRound(const std::string& job_id, const RoundRow& round,
                   const std::vector<ParticipationRow>& participations);
  absl::Status EnterRelease(const std::string& job_id);
  absl::Status AwaitWitnesses(const JobRow& job);
  absl::Status PauseForWitnesses(const std::string& job_id);
  absl::Status TellNodes(const JobRow& job);
  void SendEnded(const std::string& archive, const JobRow& job);

  EngineContext& context_;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_ROUNDS_CLOSING_H_
