#include <algorithm>
#include <iterator>

#include "coordinator/store/sqlite_table.h"
#include "coordinator/store/sqlite_transaction.h"

namespace consort::coordinator {

absl::Status SqliteTransaction::InsertCosignature(const CosignatureRow& row) {
  return InsertRow(database_, row);
}

absl::StatusOr<std::vector<CosignatureRow>> SqliteTransaction::ListCosignatures(uint64_t size) {
  return ListRows<CosignatureRow>(database_, "WHERE size = ? ORDER BY key", size);
}

absl::StatusOr<std::vector<CosignatureRow>> SqliteTransaction::NewestCosignatures() {
  return ListRows<CosignatureRow>(
      database_, "WHERE (size, key) IN (SELECT max(size), key FROM cosignature GROUP BY key) ORDER BY key");
}

absl::Status SqliteTransaction::InsertWitnessed(const WitnessedRow& row) { return InsertRow(database_, row); }

absl::StatusOr<std::optional<WitnessedRow>> SqliteTransaction::LatestWitnessed() {
  return FindRow<WitnessedRow>(database_, "ORDER BY size DESC LIMIT 1");
}

absl::Status SqliteTransaction::Put(const OpeningRow& row) { return PutRow(database_, row); }

absl::StatusOr<OpeningRow> SqliteTransaction::GetOpening(absl::string_view commitment) {
  return GetRow<OpeningRow>(database_, "WHERE commitment = ?", commitment);
}

absl::Status SqliteTransaction::Put(const IncidentRow& row) { return PutRow(database_, row); }

absl::StatusOr<std::vector<IncidentRow>> SqliteTransaction::ListIncidents() {
  return ListRows<IncidentRow>(database_, "ORDER BY unix_seconds, rowid");
}

absl::Status SqliteTransaction::Nested(const std::function<absl::Status()>& work) {
  // Outside a transaction a savepoint would begin one.
  if (!database_.InTransaction()) return absl::InternalError("the database rolled the transaction back");
  RETURN_IF_ERROR(database_.Execute("SAVEPOINT nested"));
  const size_t before = over_.size();
  const absl::Status status = work();
  // After some failures (a full disk) the database has rolled back everything by itself: whoever began the
  // transaction finds out.
  absl::Status ended;
  if (database_.InTransaction()) {
    ended = database_.Execute(status.ok() ? "RELEASE nested" : "ROLLBACK TO nested; RELEASE nested");
  }
  if (!status.ok() || !ended.ok()) TellOver(before, false);
  return status.ok() ? ended : status;
}

void SqliteTransaction::TellOver(size_t from, bool kept) {
  std::vector<std::function<void(bool)>> told(std::make_move_iterator(over_.begin() + from),
                                              std::make_move_iterator(over_.end()));
  over_.resize(from);
  if (!kept) std::reverse(told.begin(), told.end());
  for (const auto& over : told) over(kept);
}

}  // namespace consort::coordinator
