#include "coordinator/rounds/ledger_heads.h"

#include <optional>
#include <vector>

#include "common/status/macros.h"
#include "coordinator/ledger/standing.h"

namespace consort::coordinator {

absl::StatusOr<CheckpointRow> LedgerHeads::Covering(uint64_t index) {
  std::optional<CheckpointRow> latest;
  RETURN_IF_ERROR(store_.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(latest, transaction.LatestCheckpoint());
    return absl::OkStatus();
  }));
  if (latest.has_value() && latest->size > index) return *latest;
  return sequencer_.Seal();
}

absl::StatusOr<v1::LedgerHead> LedgerHeads::For(const std::string& archive, const CheckpointRow& checkpoint) {
  v1::LedgerHead head;
  RETURN_IF_ERROR(store_.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const std::string note, CosignedNote(transaction, checkpoint));
    head.set_checkpoint(note);
    return absl::OkStatus();
  }));
  const uint64_t from = known_[archive];
  head.set_proof_from_size(from);
  if (from > 0 && from < checkpoint.size) {
    ASSIGN_OR_RETURN(const std::vector<std::string> proof,
                     sequencer_.ConsistencyProof(from, checkpoint.size));
    for (const std::string& hash : proof) head.add_consistency_proof(hash);
  }
  if (from < checkpoint.size) known_[archive] = checkpoint.size;
  return head;
}

}  // namespace consort::coordinator
