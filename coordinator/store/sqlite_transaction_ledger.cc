#include "absl/strings/str_cat.h"
#include "coordinator/store/sqlite_table.h"
#include "coordinator/store/sqlite_transaction.h"

namespace consort::coordinator {
absl::StatusOr<uint64_t> SqliteTransaction::LedgerSize() {
  ASSIGN_OR_RETURN(SqliteStatement statement, database_.Query("SELECT size FROM head"));
  ASSIGN_OR_RETURN(const bool found, statement.Step());
  if (!found) return absl::DataLossError("the ledger's head is missing; restore the newest backup");
  return static_cast<uint64_t>(statement.Integer(0));
}

absl::Status SqliteTransaction::InsertLeaf(const LeafRow& leaf) {
  // The unique values are checked first: a refused leaf must not have moved the head.
  ASSIGN_OR_RETURN(const uint64_t size, LedgerSize());
  if (leaf.index != size) {
    return absl::FailedPreconditionError(
        absl::StrCat("a ledger entry can only be appended; read the size again: index ", leaf.index,
                     ", the ledger's size is ", size));
  }
  RETURN_IF_ERROR(InsertRow(database_, leaf));
  RETURN_IF_ERROR(database_.Run("UPDATE head SET size = ? WHERE size = ?", size + 1, size));
  if (database_.Changes() != 1) return absl::InternalError("the ledger's head moved within one transaction");
  return absl::OkStatus();
}

absl::StatusOr<LeafRow> SqliteTransaction::GetLeaf(uint64_t index) {
  return GetRow<LeafRow>(database_, "WHERE leaf_index = ?", index);
}

absl::StatusOr<std::optional<LeafRow>> SqliteTransaction::FindLeafByPayload(
    absl::string_view payload_digest) {
  return FindRow<LeafRow>(database_, "WHERE payload_digest = ?", payload_digest);
}

absl::Status SqliteTransaction::ReadLeaves(uint64_t start, uint64_t end,
                                           const std::function<absl::Status(const LeafRow&)>& take) {
  ASSIGN_OR_RETURN(
      SqliteStatement statement,
      SelectRows<LeafRow>(database_, "WHERE leaf_index >= ? AND leaf_index < ? ORDER BY leaf_index", start,
                          end));
  while (true) {
    ASSIGN_OR_RETURN(const bool found, statement.Step());
    if (!found) return absl::OkStatus();
    RETURN_IF_ERROR(take(ReadRow<LeafRow>(statement)));
  }
}

absl::StatusOr<int64_t> SqliteTransaction::LastNodeSeq(absl::string_view signer) {
  ASSIGN_OR_RETURN(
      SqliteStatement statement,
      database_.Query("SELECT max(node_seq) FROM leaf WHERE signer = ? AND node_seq >= 0", signer));
  RETURN_IF_ERROR(statement.Step().status());
  return statement.Integer(0);  // NULL, where there is none, reads as 0
}

absl::Status SqliteTransaction::PutSubtree(int level, uint64_t n, absl::string_view hash) {
  return database_.Run(
      "INSERT INTO node_hash VALUES (?, ?, ?) ON CONFLICT (level, n) DO UPDATE SET hash = excluded.hash",
      level, n, SqliteBlob{hash});
}

absl::StatusOr<std::string> SqliteTransaction::GetSubtree(int level, uint64_t n) {
  ASSIGN_OR_RETURN(SqliteStatement statement,
                   database_.Query("SELECT hash FROM node_hash WHERE level = ? AND n = ?", level, n));
  ASSIGN_OR_RETURN(const bool found, statement.Step());
  if (!found)
    return absl::NotFoundError(absl::StrCat("no hash is stored for subtree level ", level, " n ", n));
  return statement.Bytes(0);
}

absl::Status SqliteTransaction::InsertCheckpoint(const CheckpointRow& row) {
  return InsertRow(database_, row);
}

absl::StatusOr<std::optional<CheckpointRow>> SqliteTransaction::LatestCheckpoint() {
  return FindRow<CheckpointRow>(database_, "ORDER BY size DESC LIMIT 1");
}

absl::StatusOr<CheckpointRow> SqliteTransaction::GetCheckpoint(uint64_t size) {
  return GetRow<CheckpointRow>(database_, "WHERE size = ?", size);
}

absl::StatusOr<std::vector<CheckpointRow>> SqliteTransaction::ListCheckpoints(uint64_t from_size,
                                                                              uint64_t limit) {
  return ListRows<CheckpointRow>(database_, "WHERE size >= ? ORDER BY size LIMIT ?", from_size, limit);
}

}  // namespace consort::coordinator
