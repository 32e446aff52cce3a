// One connection to a SQLite database: settings, prepared statements, and what its error codes mean to us.
#ifndef CONSORT_COORDINATOR_STORE_SQLITE_DATABASE_H_
#define CONSORT_COORDINATOR_STORE_SQLITE_DATABASE_H_

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/status/macros.h"
#include "coordinator/store/sqlite_statement.h"

struct sqlite3;

namespace consort::coordinator {

// Returns what a SQLite result code means: AlreadyExists for a unique constraint, ResourceExhausted for a
// full disk, Unavailable where another process holds the file, DataLoss for a damaged file, Internal
// otherwise. `doing` says what was tried; the database's own reason comes last.
absl::Status StatusOfSqlite(int code, absl::string_view doing, absl::string_view reason);

// Not thread-safe. Prepared statements are kept for the next use of the same text; texts are those in the
// code, so their number is bounded.
class SqliteDatabase {
 public:
  // kExisting: to read a database that another process may be writing; never moves its write-ahead log.
  enum class Mode { kCreate, kExisting };
  // Opens `path` (":memory:" for one that ends with this object) with synchronous=EXTRA (every commit is on
  // the disk when it returns), foreign keys and cell checks on. Errors: as StatusOfSqlite; NotFound for
  // kExisting without a file.
  static absl::StatusOr<std::unique_ptr<SqliteDatabase>> Open(const std::string& path, Mode mode);
  ~SqliteDatabase();

  // Commits go to a write-ahead log from here on. Only for the one connection that writes: whoever else has
  // the file open must be of Mode::kExisting. No effect in memory. Errors: as StatusOfSqlite.
  absl::Status UseWriteAheadLog();
  // Moves the log into the database and makes it empty: no file holds an overwritten value any more. Errors:
  // Unavailable while another process reads; as StatusOfSqlite.
  absl::Status EmptyWriteAheadLog();

  // Runs statements without parameters, dropping rows.
  absl::Status Execute(const char* sql);

  // Binds `arguments` in order and runs `sql` to its end.
  template <class... Arguments>
  absl::Status Run(const std::string& sql, const Arguments&... arguments) {
    ASSIGN_OR_RETURN(SqliteStatement statement, Prepare(sql));
    (statement.Bind(arguments), ...);
    return statement.Step().status();
  }
  // Binds `arguments` in order; the caller steps through the rows. The statement must not outlive this.
  template <class... Arguments>
  absl::StatusOr<SqliteStatement> Query(const std::string& sql, const Arguments&... arguments) {
    ASSIGN_OR_RETURN(SqliteStatement statement, Prepare(sql));
    (statement.Bind(arguments), ...);
    return statement;
  }

  // Rows that the newest INSERT, UPDATE or DELETE changed.
  int64_t Changes() const;
  // True between BEGIN and its end. SQLite may end a transaction by itself after a full disk or an I/O error.
  bool InTransaction() const;
  // True if the newest failure was one of the disk: what the file now holds is unknown.
  bool FailedOnDisk() const;
  // From here until the next call, a statement run outside a transaction is refused (Internal), so that
  // nothing is committed on its own after SQLite has rolled back.
  void RequireTransaction(bool required) { transaction_required_ = required; }

  sqlite3* handle() const { return database_; }

 private:
  friend class SqliteStatement;
  explicit SqliteDatabase(sqlite3* database) : database_(database) {}
  absl::StatusOr<SqliteStatement> Prepare(const std::string& sql);

  sqlite3* database_;
  bool transaction_required_ = false;
  std::multimap<std::string, sqlite3_stmt*> idle_;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_STORE_SQLITE_DATABASE_H_
