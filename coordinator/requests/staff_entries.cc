#include "coordinator/requests/staff_entries.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "coordinator/rounds/archive_entries.h"
#include "coordinator/rounds/entry_outcome.h"
#include "nlohmann/json.hpp"
#include "spdlog/spdlog.h"

namespace consort::coordinator {
namespace {

// A contribution that its round has not used yet.
absl::Status TakeOutOfRound(Transaction& transaction, const std::string& archive, uint64_t contribution) {
  ASSIGN_OR_RETURN(const LeafRow leaf, transaction.GetLeaf(contribution));
  const absl::StatusOr<RoundRow> round = transaction.GetRound(leaf.round_id);
  if (absl::IsNotFound(round.status())) return absl::OkStatus();
  RETURN_IF_ERROR(round.status());
  if (round->aggregation_index >= 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<ParticipationRow> rows, transaction.ListParticipations(leaf.round_id));
  for (ParticipationRow row : rows) {
    if (row.archive != archive || row.contribution_index != static_cast<int64_t>(contribution)) continue;
    row.state = v1::PARTICIPATION_STATE_WITHDRAWN;
    row.reason = absl::StrCat("withdrawn-contribution: leaf ", contribution);
    RETURN_IF_ERROR(transaction.Put(row));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Appended> StaffEntries::Take(const std::string& archive, const std::string& entry) {
  Appended appended;
  RETURN_IF_ERROR(store_.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const ledger::Statement statement, ledger::ReadEntry(entry));
    if (statement.kind != ledger::Kind::kWithdrawal && statement.kind != ledger::Kind::kErasure) {
      return absl::InvalidArgumentError(absl::StrCat(
          "bad-entry: staff signs withdrawals and erasures, not a ", ledger::KindName(statement.kind)));
    }
    ASSIGN_OR_RETURN(appended, AppendStaffEntry(transaction, sequencer_, statement.kind, archive, entry));
    if (statement.kind != ledger::Kind::kWithdrawal) return absl::OkStatus();
    ASSIGN_OR_RETURN(const nlohmann::json predicate, ledger::ParseStrictJson(statement.predicate));
    return TakeOutOfRound(transaction, archive, predicate["contribution"].get<uint64_t>());
  }));
  return appended;
}

void StaffEntries::OnMessage(const std::string& archive, const v1::Envelope& envelope) {
  if (!envelope.has_staff_entry()) return;
  const std::string& entry = envelope.staff_entry().envelope();
  const absl::StatusOr<Appended> taken = Take(archive, entry);
  if (!taken.ok())
    spdlog::warn("a staff entry is refused: {} (archive {})", taken.status().ToString(), archive);
  // Also a fault of ours is answered: staff waits for the word, and can ask again.
  nodes_.Send(archive, OutcomeOf(sequencer_, envelope.request_id(), entry, taken));
}

}  // namespace consort::coordinator
