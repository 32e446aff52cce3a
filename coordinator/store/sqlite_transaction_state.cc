#include "absl/strings/str_cat.h"
#include "coordinator/store/sqlite_table.h"
#include "coordinator/store/sqlite_transaction.h"

namespace consort::coordinator {

absl::Status SqliteTransaction::Put(const InvitationRow& row) { return PutRow(database_, row); }
absl::Status SqliteTransaction::Put(const MemberRow& row) { return PutRow(database_, row); }
absl::Status SqliteTransaction::Put(const JobRow& row) { return PutRow(database_, row); }
absl::Status SqliteTransaction::Put(const OfferRow& row) { return PutRow(database_, row); }
absl::Status SqliteTransaction::Put(const RoundRow& row) { return PutRow(database_, row); }
absl::Status SqliteTransaction::Put(const ParticipationRow& row) { return PutRow(database_, row); }
absl::Status SqliteTransaction::Put(const EvaluationRow& row) { return PutRow(database_, row); }

absl::StatusOr<InvitationRow> SqliteTransaction::GetInvitation(absl::string_view token_sha256) {
  return GetRow<InvitationRow>(database_, "WHERE token_sha256 = ?", token_sha256);
}

absl::StatusOr<MemberRow> SqliteTransaction::GetMember(v1::Role role, absl::string_view name) {
  return GetRow<MemberRow>(database_, "WHERE role = ? AND name = ?", role, name);
}

absl::StatusOr<std::vector<MemberRow>> SqliteTransaction::ListMembers() {
  return ListRows<MemberRow>(database_, "ORDER BY role, name");
}

absl::StatusOr<JobRow> SqliteTransaction::GetJob(absl::string_view job_id) {
  return GetRow<JobRow>(database_, "WHERE job_id = ?", job_id);
}

absl::StatusOr<JobRow> SqliteTransaction::GetJobByToken(absl::string_view token) {
  // Jobs without a token share the empty one; asking for it finds none of them.
  return GetRow<JobRow>(database_, "WHERE token = ? AND token <> ''", token);
}

absl::StatusOr<std::vector<JobRow>> SqliteTransaction::ListJobs() {
  return ListRows<JobRow>(database_, "ORDER BY submitted_unix_seconds, rowid");
}

absl::StatusOr<std::vector<OfferRow>> SqliteTransaction::ListOffers(absl::string_view job_id) {
  return ListRows<OfferRow>(database_, "WHERE job_id = ? ORDER BY archive", job_id);
}

absl::StatusOr<RoundRow> SqliteTransaction::GetRound(absl::string_view round_id) {
  return GetRow<RoundRow>(database_, "WHERE round_id = ?", round_id);
}

absl::StatusOr<std::vector<RoundRow>> SqliteTransaction::ListRounds(absl::string_view job_id) {
  return ListRows<RoundRow>(database_, "WHERE job_id = ? ORDER BY number, group_number", job_id);
}

absl::StatusOr<ParticipationRow> SqliteTransaction::GetParticipation(absl::string_view participation_id) {
  return GetRow<ParticipationRow>(database_, "WHERE participation_id = ?", participation_id);
}

absl::StatusOr<std::vector<ParticipationRow>> SqliteTransaction::ListParticipations(
    absl::string_view round_id) {
  return ListRows<ParticipationRow>(database_, "WHERE round_id = ? ORDER BY archive", round_id);
}

absl::StatusOr<std::vector<EvaluationRow>> SqliteTransaction::ListEvaluations(absl::string_view round_id) {
  return ListRows<EvaluationRow>(database_, "WHERE round_id = ? ORDER BY archive", round_id);
}

absl::Status SqliteTransaction::PutSetting(absl::string_view name, absl::string_view value) {
  return database_.Run(
      "INSERT INTO setting VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name,
      value);
}

absl::StatusOr<std::string> SqliteTransaction::GetSetting(absl::string_view name) {
  ASSIGN_OR_RETURN(SqliteStatement statement,
                   database_.Query("SELECT value FROM setting WHERE name = ?", name));
  ASSIGN_OR_RETURN(const bool found, statement.Step());
  if (!found) return absl::NotFoundError(absl::StrCat("there is no such setting: ", name));
  return statement.Bytes(0);
}

}  // namespace consort::coordinator
