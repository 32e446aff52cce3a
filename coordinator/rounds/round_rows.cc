#include "coordinator/rounds/round_rows.h"

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace consort::coordinator {

absl::Status ReadRound(EngineContext& context, const std::string& round_id, JobRow& job, RoundRow& round,
                       std::vector<ParticipationRow>& participations) {
  return context.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(round, transaction.GetRound(round_id));
    ASSIGN_OR_RETURN(job, transaction.GetJob(round.job_id));
    ASSIGN_OR_RETURN(participations, transaction.ListParticipations(round_id));
    return absl::OkStatus();
  });
}

std::string Place(const RoundRow& round, const std::string& archive) {
  return absl::StrCat("round ", round.number, " ", round.round_id, ", node ", archive);
}

}  // namespace consort::coordinator
