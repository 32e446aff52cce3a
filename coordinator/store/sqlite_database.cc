#include "coordinator/store/sqlite_database.h"

#include <sqlite3.h>

#include "absl/strings/str_cat.h"

namespace consort::coordinator {
namespace {

// How long a statement waits while another process (a person's sqlite3, a backup) reads the file.
constexpr int kBusyTimeoutMillis = 5000;

// EXTRA syncs the write-ahead log at each commit and, where a database has a rollback journal (a new one, a
// copy), also the folder after the journal is removed, so that a power cut cannot bring the journal of an
// acknowledged commit back.
constexpr char kSettings[] =
    "PRAGMA page_size = 8192;"  // of new files: a ledger entry's row is 1 to 2 KiB, and pages of 4 KiB stay a
                                // quarter empty
    "PRAGMA synchronous = EXTRA;"
    "PRAGMA foreign_keys = ON;"
    "PRAGMA trusted_schema = OFF;"
    "PRAGMA cell_size_check = ON;"
    "PRAGMA secure_delete = ON;"  // what is erased leaves zeros behind
    "PRAGMA cache_spill = OFF;"   // nothing is written or synced before the commit, where its failure is
                                  // handled
    "PRAGMA temp_store = MEMORY;";

// One sync a commit, where a rollback journal needs five. What an earlier process left in the log is moved
// into the database at once: if its last sync failed, nothing but this tells what is on the disk.
constexpr char kWriteAheadLog[] =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA wal_checkpoint(TRUNCATE);";

}  // namespace

absl::Status StatusOfSqlite(int code, absl::string_view doing, absl::string_view reason) {
  const std::string message = absl::StrCat("the coordinator's database failed while ", doing, ": ", reason);
  if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY) {
    return absl::AlreadyExistsError(absl::StrCat("another row already holds this value: ", reason));
  }
  switch (code & 0xFF) {
    case SQLITE_FULL:
      return absl::ResourceExhaustedError(absl::StrCat(message, "; free space on the state's disk"));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::UnavailableError(absl::StrCat(message, "; another process holds it, try again"));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::DataLossError(absl::StrCat(message, "; restore the newest backup"));
    default:
      return absl::InternalError(message);
  }
}

absl::StatusOr<std::unique_ptr<SqliteDatabase>> SqliteDatabase::Open(const std::string& path, Mode mode) {
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (mode == Mode::kCreate ? SQLITE_OPEN_CREATE : 0);
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  std::unique_ptr<SqliteDatabase> database(new SqliteDatabase(handle));
  if (code != SQLITE_OK) {
    if (code == SQLITE_CANTOPEN && mode == Mode::kExisting) {
      return absl::NotFoundError(absl::StrCat("no database can be opened at ", path));
    }
    return StatusOfSqlite(code, absl::StrCat("opening ", path), sqlite3_errstr(code));
  }
  sqlite3_busy_timeout(handle, kBusyTimeoutMillis);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  if (mode == Mode::kExisting) {
    // Debian 12's SQLite 3.40.1 can corrupt a database when two connections move its log at once: only the
    // one that uses the log does it.
    sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    sqlite3_wal_autocheckpoint(handle, 0);
  }
  RETURN_IF_ERROR(database->Execute(kSettings));
  return database;
}

SqliteDatabase::~SqliteDatabase() {
  for (const auto& [sql, statement] : idle_) sqlite3_finalize(statement);
  sqlite3_close_v2(database_);
}

absl::Status SqliteDatabase::UseWriteAheadLog() { return Execute(kWriteAheadLog); }

absl::Status SqliteDatabase::EmptyWriteAheadLog() {
  ASSIGN_OR_RETURN(SqliteStatement statement, Prepare("PRAGMA wal_checkpoint(TRUNCATE)"));
  RETURN_IF_ERROR(statement.Step().status());
  if (statement.Integer(0) == 0) return absl::OkStatus();
  return absl::UnavailableError(
      "the database's log cannot be emptied while another process reads it; end that process and try again");
}

absl::Status SqliteDatabase::Execute(const char* sql) {
  const int code = sqlite3_exec(database_, sql, nullptr, nullptr, nullptr);
  if (code == SQLITE_OK) return absl::OkStatus();
  return StatusOfSqlite(code, "running a statement", sqlite3_errmsg(database_));
}

absl::StatusOr<SqliteStatement> SqliteDatabase::Prepare(const std::string& sql) {
  if (auto idle = idle_.find(sql); idle != idle_.end()) {
    sqlite3_stmt* statement = idle->second;
    idle_.erase(idle);
    return SqliteStatement(this, sql, statement);
  }
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(database_, sql.c_str(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return StatusOfSqlite(code, "preparing a statement", sqlite3_errmsg(database_));
  return SqliteStatement(this, sql, statement);
}

int64_t SqliteDatabase::Changes() const { return sqlite3_changes64(database_); }

bool SqliteDatabase::FailedOnDisk() const {
  return (sqlite3_extended_errcode(database_) & 0xFF) == SQLITE_IOERR;
}

bool SqliteDatabase::InTransaction() const { return sqlite3_get_autocommit(database_) == 0; }

}  // namespace consort::coordinator
