// Asks the cohort how the new model does on recordings held back from training, and takes the signed answers.
#ifndef CONSORT_COORDINATOR_ROUNDS_EVALUATING_H_
#define CONSORT_COORDINATOR_ROUNDS_EVALUATING_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/rounds/engine_context.h"

namespace consort::coordinator {

// Writes a row for each archive of the frozen cohort that has not withdrawn. In the transaction that begins
// evaluating.
absl::Status AskCohort(Transaction& transaction, const RoundRow& round,
                       const std::vector<ParticipationRow>& participations);

class Evaluating {
 public:
  explicit Evaluating(EngineContext& context) : context_(context) {}

  // Evaluating: sends the tasks that are open, until the row's deadline. Also at a restart.
  absl::Status Begin(const JobRow& job, const RoundRow& round);
  // An archive has a new session: it gets its open task again, with the same id.
  absl::Status Resend(const JobRow& job, const RoundRow& round, const std::string& archive);
  // The archive is told what became of its entry, whatever that is.
  void OnReport(const std::string& archive, const v1::Envelope& envelope);
  absl::Status OnFailure(const std::string& round_id, const std::string& archive, const std::string& code,
                         const std::string& detail);

 private:
  absl::Status SendTask(const JobRow& job, const RoundRow& round, const EvaluationRow& evaluation);
  absl::Status Take(const std::string& archive, const std::string& round_id, const v1::Envelope& envelope);
  // Logs a report that nobody waits for any more, if the rules still allow it.
  absl::Status TakeLate(const std::string& archive, const v1::Envelope& envelope);
  // Errors: those of `appended` that are not the sender's fault.
  absl::Status Answer(const std::string& archive, const v1::Envelope& envelope,
                      const absl::StatusOr<Appended>& appended);
  absl::Status Consider(const std::string& round_id);
  absl::Status FailOpen(const std::string& round_id, const std::string& reason);

  EngineContext& context_;
};

// The results of a round from the evaluations in the ledger. Errors: DataLoss; Internal.
absl::StatusOr<std::vector<v1::TraditionResult>> ReadResults(Transaction& transaction, const JobFacts& facts,
                                                             uint32_t round_number,
                                                             const std::vector<EvaluationRow>& evaluations);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_ROUNDS_EVALUATING_H_
