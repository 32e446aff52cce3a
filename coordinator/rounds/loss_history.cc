#include "coordinator/rounds/loss_history.h"

#include <utility>

#include "common/status/macros.h"
#include "coordinator/rounds/archive_entries.h"

namespace consort::coordinator {

absl::StatusOr<LossHistory> ReadLossHistory(Transaction& transaction, const std::string& job_id,
                                            v1::Objective objective) {
  LossHistory history;
  if (RevealedBy(objective).empty()) return history;
  ASSIGN_OR_RETURN(const std::vector<RoundRow> rounds, transaction.ListRounds(job_id));
  for (const RoundRow& round : rounds) {
    std::vector<ArchiveLosses> told;
    ASSIGN_OR_RETURN(const std::vector<ParticipationRow> participations,
                     transaction.ListParticipations(round.round_id));
    for (const ParticipationRow& participation : participations) {
      if (participation.state != v1::PARTICIPATION_STATE_ACKNOWLEDGED) continue;
      ASSIGN_OR_RETURN(const LeafRow leaf,
                       transaction.GetLeaf(static_cast<uint64_t>(participation.contribution_index)));
      absl::StatusOr<ContributionFacts> said = ReadContribution(leaf.body);
      if (!said.ok()) return absl::DataLossError(said.status().message());
      if (!said->losses.empty()) told.push_back({participation.archive, std::move(said->losses)});
    }
    if (!told.empty()) history.push_back(std::move(told));
  }
  return history;
}

}  // namespace consort::coordinator
