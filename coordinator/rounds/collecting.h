// Training and collecting: sends the cohort its tasks, watches progress, and decides when the round has all
// the updates it will get.
#ifndef CONSORT_COORDINATOR_ROUNDS_COLLECTING_H_
#define CONSORT_COORDINATOR_ROUNDS_COLLECTING_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "coordinator/rounds/engine_context.h"

namespace consort::coordinator {

class Collecting {
 public:
  explicit Collecting(EngineContext& context) : context_(context) {}

  // Training or collecting: sends open tasks, starts the clocks of deadline and stall. Also at a restart:
  // updates that were acknowledged are not asked for again.
  absl::Status Begin(const JobRow& job, const RoundRow& round);
  // An archive has a new session: it gets its open task again, with the same ids.
  absl::Status Resend(const JobRow& job, const RoundRow& round, const std::string& archive);
  // The archive could not do it: `code` of session.proto's TaskFailure.
  absl::Status OnFailure(const std::string& participation_id, const std::string& code,
                         const std::string& detail);
  // Closes the round's collection if nothing more is worth waiting for; called after each change of a
  // participation.
  absl::Status Consider(const std::string& round_id);
  // Something moved: the stall clock of a task starts again.
  void NoteProgress(LiveTask& task);

 private:
  enum class End { kNotYet, kAllIn, kOutOfReach, kGrace, kDeadline };
  absl::Status SendTask(const JobRow& job, const RoundRow& round, const ParticipationRow& participation);
  absl::Status Close(const std::string& round_id, End why);
  absl::Status CheckStalls(const std::string& round_id);
  void ArmStallTimer(const std::string& job_id, const std::string& round_id, absl::Duration stall);

  EngineContext& context_;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_ROUNDS_COLLECTING_H_
