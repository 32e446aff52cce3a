#include "coordinator/store/sqlite_store.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "coordinator/store/sqlite_backup.h"
#include "coordinator/store/sqlite_database.h"
#include "coordinator/store/sqlite_schema.h"
#include "coordinator/store/sqlite_transaction.h"

namespace consort::coordinator {
namespace {

constexpr char kInMemory[] = ":memory:";

// After a failed sync the kernel may have dropped the dirty pages and report the next sync as good, so
// neither a retry nor a read tells what is on the disk. The next start writes what it finds in the log into
// the database, before anything is built on it.
[[noreturn]] void EndProcess(const absl::Status& status) {
  std::fprintf(
      stderr,
      "{\"level\":\"critical\",\"message\":\"a commit may not be on the disk; the process ends so that the "
      "next start recovers what is; check the state's disk: %s\"}\n",
      std::string(status.message()).c_str());
  std::abort();
}

// A full disk or a broken constraint leaves the transaction to be rolled back; a failed write or sync does
// not.
absl::Status Finish(SqliteDatabase& database, const char* verb) {
  absl::Status status = database.Execute(verb);
  if (!status.ok() && database.FailedOnDisk()) EndProcess(status);
  return status;
}

}  // namespace

SqliteStore::SqliteStore(std::unique_ptr<StateLock> lock, std::unique_ptr<SqliteDatabase> database)
    : lock_(std::move(lock)), database_(std::move(database)) {}

SqliteStore::~SqliteStore() = default;

absl::StatusOr<std::unique_ptr<Store>> SqliteStore::Open(const std::string& path) {
  std::unique_ptr<StateLock> lock;
  if (path != kInMemory) {
    ASSIGN_OR_RETURN(lock, StateLock::Take(absl::StrCat(path, ".lock")));
  }
  ASSIGN_OR_RETURN(std::unique_ptr<SqliteDatabase> database,
                   SqliteDatabase::Open(path, SqliteDatabase::Mode::kCreate));
  RETURN_IF_ERROR(PrepareSqliteSchema(*database));
  RETURN_IF_ERROR(database->UseWriteAheadLog());  // after the schema: a file that is not ours stays as it is
  return std::unique_ptr<Store>(new SqliteStore(std::move(lock), std::move(database)));
}

absl::Status SqliteStore::Transact(const std::function<absl::Status(Transaction&)>& work) {
  if (database_->InTransaction()) return absl::InternalError("a transaction was begun inside another");
  RETURN_IF_ERROR(database_->Execute("BEGIN IMMEDIATE"));
  SqliteTransaction transaction(*database_);
  database_->RequireTransaction(true);
  absl::Status status = work(transaction);
  database_->RequireTransaction(false);
  if (status.ok() && !database_->InTransaction()) {
    status = absl::InternalError("the database rolled the transaction back, and the work went on");
  }
  if (status.ok()) status = Finish(*database_, "COMMIT");
  absl::Status rolled_back;
  if (!status.ok() && database_->InTransaction()) rolled_back = Finish(*database_, "ROLLBACK");
  transaction.TellOver(0, status.ok());
  return rolled_back.ok() ? status : rolled_back;
}

absl::Status SqliteStore::ForgetOverwritten() {
  const absl::Status status = database_->EmptyWriteAheadLog();
  if (!status.ok() && database_->FailedOnDisk()) EndProcess(status);
  return status;
}

absl::Status SqliteStore::Backup(const std::string& path) { return BackUpSqlite(*database_, path); }

absl::Status BackUpSqliteFile(const std::string& from, const std::string& to) {
  ASSIGN_OR_RETURN(std::unique_ptr<SqliteDatabase> database,
                   SqliteDatabase::Open(from, SqliteDatabase::Mode::kExisting));
  return BackUpSqlite(*database, to);
}

}  // namespace consort::coordinator
