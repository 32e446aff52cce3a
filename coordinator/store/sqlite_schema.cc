#include "coordinator/store/sqlite_schema.h"

#include <array>

#include "absl/strings/str_cat.h"

namespace consort::coordinator {
namespace {

// Foreign keys are checked at the end of a transaction, so that its writes may come in any order.
constexpr char kVersion1[] = R"sql(
CREATE TABLE schema_version (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL) STRICT;
INSERT INTO schema_version VALUES (1, 0);

CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

CREATE TABLE invitation (
  token_sha256 TEXT PRIMARY KEY, role INTEGER NOT NULL, name TEXT NOT NULL,
  expires_unix_seconds INTEGER NOT NULL, used INTEGER NOT NULL) STRICT;

CREATE TABLE member (
  role INTEGER NOT NULL, name TEXT NOT NULL, certificate_fingerprint TEXT NOT NULL,
  certificate_expires_unix_seconds INTEGER NOT NULL, entries_vkey TEXT NOT NULL, mirror_vkey TEXT NOT NULL,
  approval_vkey TEXT NOT NULL, enrol_index INTEGER NOT NULL, revoked INTEGER NOT NULL,
  enrolled_unix_seconds INTEGER NOT NULL, last_seen_unix_seconds INTEGER NOT NULL,
  PRIMARY KEY (role, name)) STRICT;

CREATE TABLE job (
  job_id TEXT PRIMARY KEY, token TEXT NOT NULL, spec BLOB NOT NULL, job_digest TEXT NOT NULL,
  submitted_by TEXT NOT NULL, submitted_unix_seconds INTEGER NOT NULL, state INTEGER NOT NULL,
  reason TEXT NOT NULL, manifests TEXT NOT NULL, state_artifact TEXT NOT NULL, state_digest TEXT NOT NULL,
  optimiser_artifact TEXT NOT NULL, rounds_closed INTEGER NOT NULL, job_index INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX job_by_token ON job (token) WHERE token <> '';

CREATE TABLE offer (
  job_id TEXT NOT NULL REFERENCES job DEFERRABLE INITIALLY DEFERRED, archive TEXT NOT NULL,
  group_number INTEGER NOT NULL, state INTEGER NOT NULL, reason TEXT NOT NULL, plan BLOB NOT NULL,
  plan_digest TEXT NOT NULL, approval_index INTEGER NOT NULL,
  PRIMARY KEY (job_id, archive)) STRICT;

CREATE TABLE round (
  round_id TEXT PRIMARY KEY, job_id TEXT NOT NULL REFERENCES job DEFERRABLE INITIALLY DEFERRED,
  number INTEGER NOT NULL, group_number INTEGER NOT NULL, state INTEGER NOT NULL, reason TEXT NOT NULL,
  manifest_digest TEXT NOT NULL, base_artifact TEXT NOT NULL, base_digest TEXT NOT NULL,
  result_artifact TEXT NOT NULL, result_digest TEXT NOT NULL, open_index INTEGER NOT NULL,
  aggregation_index INTEGER NOT NULL, opened_unix_millis INTEGER NOT NULL,
  deadline_unix_millis INTEGER NOT NULL, ended_unix_millis INTEGER NOT NULL,
  UNIQUE (job_id, number, group_number)) STRICT;

CREATE TABLE participation (
  participation_id TEXT PRIMARY KEY, round_id TEXT NOT NULL REFERENCES round DEFERRABLE INITIALLY DEFERRED,
  job_id TEXT NOT NULL, archive TEXT NOT NULL, group_number INTEGER NOT NULL, state INTEGER NOT NULL,
  reason TEXT NOT NULL, weight INTEGER NOT NULL, payload_digest TEXT NOT NULL, payload_bytes INTEGER NOT NULL,
  contribution_index INTEGER NOT NULL, decision_index INTEGER NOT NULL) STRICT;
CREATE INDEX participation_by_round ON participation (round_id, archive);

CREATE TABLE evaluation (
  round_id TEXT NOT NULL REFERENCES round DEFERRABLE INITIALLY DEFERRED, archive TEXT NOT NULL,
  job_id TEXT NOT NULL, task_id TEXT NOT NULL, group_number INTEGER NOT NULL, state TEXT NOT NULL,
  reason TEXT NOT NULL, entry_index INTEGER NOT NULL,
  PRIMARY KEY (round_id, archive)) STRICT;

CREATE TABLE leaf (
  leaf_index INTEGER PRIMARY KEY, hash BLOB NOT NULL, body BLOB NOT NULL, payload_digest TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL, signer TEXT NOT NULL, round_id TEXT NOT NULL, node_seq INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX leaf_by_node_seq ON leaf (signer, node_seq) WHERE node_seq >= 0;
CREATE TRIGGER leaf_is_never_changed BEFORE UPDATE ON leaf
  BEGIN SELECT RAISE(ABORT, 'a ledger entry is never changed'); END;
CREATE TRIGGER leaf_is_never_removed BEFORE DELETE ON leaf
  BEGIN SELECT RAISE(ABORT, 'a ledger entry is never removed'); END;

CREATE TABLE node_hash (
  level INTEGER NOT NULL, n INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (level, n)) STRICT, WITHOUT ROWID;

CREATE TABLE head (id INTEGER PRIMARY KEY CHECK (id = 1), size INTEGER NOT NULL) STRICT;
INSERT INTO head VALUES (1, 0);

CREATE TABLE checkpoint (
  size INTEGER PRIMARY KEY, root BLOB NOT NULL, note TEXT NOT NULL, sealed_unix_seconds INTEGER NOT NULL) STRICT;
CREATE TRIGGER checkpoint_is_never_changed BEFORE UPDATE ON checkpoint
  BEGIN SELECT RAISE(ABORT, 'a ledger checkpoint is never changed'); END;
CREATE TRIGGER checkpoint_is_never_removed BEFORE DELETE ON checkpoint
  BEGIN SELECT RAISE(ABORT, 'a ledger checkpoint is never removed'); END;
)sql";

// A job that is being planned during the upgrade gets its window anew.
constexpr char kVersion2[] =
    "ALTER TABLE job ADD COLUMN planning_deadline_unix_millis INTEGER NOT NULL DEFAULT 0;";

// Witnesses, what opens our commitments, and incidents.
constexpr char kVersion3[] = R"sql(
ALTER TABLE job ADD COLUMN release_index INTEGER NOT NULL DEFAULT -1;
ALTER TABLE job ADD COLUMN name_commitment TEXT NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN submitter_commitment TEXT NOT NULL DEFAULT '';

CREATE TABLE cosignature (
  size INTEGER NOT NULL REFERENCES checkpoint, key TEXT NOT NULL, unix_seconds INTEGER NOT NULL,
  line TEXT NOT NULL, PRIMARY KEY (size, key)) STRICT, WITHOUT ROWID;
CREATE TRIGGER cosignature_is_never_changed BEFORE UPDATE ON cosignature
  BEGIN SELECT RAISE(ABORT, 'a cosignature is never changed'); END;
CREATE TRIGGER cosignature_is_never_removed BEFORE DELETE ON cosignature
  BEGIN SELECT RAISE(ABORT, 'a cosignature is never removed'); END;

CREATE TABLE witnessed (
  size INTEGER PRIMARY KEY REFERENCES checkpoint, policy_index INTEGER NOT NULL,
  unix_seconds INTEGER NOT NULL) STRICT;
CREATE TRIGGER witnessed_is_never_changed BEFORE UPDATE ON witnessed
  BEGIN SELECT RAISE(ABORT, 'a witnessed checkpoint is never changed'); END;
CREATE TRIGGER witnessed_is_never_removed BEFORE DELETE ON witnessed
  BEGIN SELECT RAISE(ABORT, 'a witnessed checkpoint is never removed'); END;

CREATE TABLE opening (
  commitment TEXT PRIMARY KEY, value TEXT NOT NULL, salt BLOB NOT NULL, erased INTEGER NOT NULL) STRICT;

CREATE TABLE incident (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, archive TEXT NOT NULL, detail TEXT NOT NULL,
  evidence BLOB NOT NULL, unix_seconds INTEGER NOT NULL, resolved INTEGER NOT NULL,
  leaf_index INTEGER NOT NULL) STRICT;
)sql";

// The script at place n takes a database from version n to n + 1.
constexpr std::array<const char*, kSqliteSchemaVersion> kScripts = {kVersion1, kVersion2, kVersion3};

absl::StatusOr<int64_t> ReadInteger(SqliteDatabase& database, const char* sql) {
  ASSIGN_OR_RETURN(SqliteStatement statement, database.Query(sql));
  ASSIGN_OR_RETURN(const bool found, statement.Step());
  return found ? statement.Integer(0) : 0;
}

absl::StatusOr<int64_t> ReadVersion(SqliteDatabase& database) {
  ASSIGN_OR_RETURN(const int64_t tables, ReadInteger(database, "SELECT count(*) FROM sqlite_schema"));
  if (tables == 0) return 0;
  ASSIGN_OR_RETURN(const int64_t ours,
                   ReadInteger(database, "SELECT count(*) FROM sqlite_schema WHERE name = 'schema_version'"));
  if (ours == 0) {
    return absl::DataLossError(
        "the database holds tables of another program; point [state] at another directory");
  }
  return ReadInteger(database, "SELECT version FROM schema_version");
}

absl::Status Upgrade(SqliteDatabase& database, int64_t from) {
  for (int64_t version = from; version < kSqliteSchemaVersion; ++version) {
    RETURN_IF_ERROR(database.Execute(kScripts[version]));
  }
  return database.Run("UPDATE schema_version SET version = ?", kSqliteSchemaVersion);
}

}  // namespace

absl::Status PrepareSqliteSchema(SqliteDatabase& database) {
  ASSIGN_OR_RETURN(const int64_t version, ReadVersion(database));
  if (version > kSqliteSchemaVersion) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the coordinator's database was written by a newer version of Consort; install that version again or "
        "restore an older backup: schema ",
        version, ", this program knows up to ", kSqliteSchemaVersion));
  }
  if (version == kSqliteSchemaVersion) return absl::OkStatus();
  RETURN_IF_ERROR(database.Execute("BEGIN IMMEDIATE"));
  absl::Status upgraded = Upgrade(database, version);
  if (upgraded.ok()) upgraded = database.Execute("COMMIT");
  if (!upgraded.ok() && database.InTransaction()) RETURN_IF_ERROR(database.Execute("ROLLBACK"));
  return upgraded;
}

}  // namespace consort::coordinator
