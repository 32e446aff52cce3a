#include "coordinator/ledger/standing.h"

#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/ledger/cosigned_state.h"
#include "common/ledger/note.h"
#include "common/status/macros.h"

namespace consort::coordinator {

absl::StatusOr<LedgerStanding> ReadStanding(Transaction& transaction) {
  LedgerStanding standing;
  ASSIGN_OR_RETURN(const std::optional<CheckpointRow> sealed, transaction.LatestCheckpoint());
  if (sealed.has_value()) standing.sealed_size = sealed->size;
  ASSIGN_OR_RETURN(const std::optional<WitnessedRow> witnessed, transaction.LatestWitnessed());
  if (witnessed.has_value()) {
    standing.witnessed_size = witnessed->size;
    standing.witnessed_unix_seconds = witnessed->unix_seconds;
  }
  return standing;
}

v1::EntryState StateOfLeaf(int64_t index, const LedgerStanding& standing) {
  if (index < 0) return v1::ENTRY_STATE_UNSPECIFIED;
  switch (ledger::StateOf(static_cast<uint64_t>(index), standing.sealed_size, standing.witnessed_size)) {
    case ledger::EntryState::kDurable:
      return v1::ENTRY_STATE_DURABLE;
    case ledger::EntryState::kSealed:
      return v1::ENTRY_STATE_SEALED;
    case ledger::EntryState::kWitnessed:
      return v1::ENTRY_STATE_WITNESSED;
  }
  return v1::ENTRY_STATE_UNSPECIFIED;
}

absl::StatusOr<std::string> CosignedNote(Transaction& transaction, const CheckpointRow& checkpoint) {
  ASSIGN_OR_RETURN(const std::vector<CosignatureRow> rows, transaction.ListCosignatures(checkpoint.size));
  std::vector<std::string> lines;
  for (const CosignatureRow& row : rows) lines.push_back(row.line);
  absl::StatusOr<std::string> note = ledger::WithSignatures(checkpoint.note, lines);
  if (note.ok()) return note;
  return absl::DataLossError(absl::StrCat("ledger-damaged: a stored checkpoint or cosignature is none: size ",
                                          checkpoint.size, ": ", note.status().message()));
}

}  // namespace consort::coordinator
