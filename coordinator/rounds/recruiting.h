// From a job with a roster to a round with a frozen cohort: invites the approved archives, weighs those who
// join, and opens the round in the ledger.
#ifndef CONSORT_COORDINATOR_ROUNDS_RECRUITING_H_
#define CONSORT_COORDINATOR_ROUNDS_RECRUITING_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "coordinator/rounds/engine_context.h"

namespace consort::coordinator {

class Recruiting {
 public:
  explicit Recruiting(EngineContext& context) : context_(context) {}

  // Writes the rows of the job's next round.
  absl::Status OpenRound(const JobRow& job, uint32_t number);
  // Opened or recruiting: invites those who have not answered, until the row's deadline.
  absl::Status Begin(const JobRow& job, RoundRow round);
  // An archive has a new session: it gets its open invitation.
  absl::Status Reinvite(const RoundRow& round, const std::string& archive);
  void OnAnswer(const std::string& archive, const v1::RoundAnswer& answer);

 private:
  void Invite(const RoundRow& round, const ParticipationRow& participation);
  absl::Status TakeAnswer(const std::string& archive, const v1::RoundAnswer& answer);
  // Whether recruiting is over; `window_over`: recruiting_seconds have passed.
  absl::Status Consider(const std::string& round_id, bool window_over);
  absl::Status Freeze(const JobRow& job, const RoundRow& round, std::vector<ParticipationRow> participations);

  EngineContext& context_;
};

// Of the archives that joined, those that take part: all, or `bound` of them drawn from the job's seed, round
// by round. `joined` sorted by name; so is the result.
std::vector<std::string> SampleCohort(std::vector<std::string> joined, uint32_t bound, uint64_t seed,
                                      uint32_t round);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_ROUNDS_RECRUITING_H_
