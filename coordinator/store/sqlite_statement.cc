#include "coordinator/store/sqlite_statement.h"

#include <sqlite3.h>

#include <utility>

#include "coordinator/store/sqlite_database.h"

namespace consort::coordinator {

SqliteStatement::SqliteStatement(SqliteDatabase* database, std::string sql, sqlite3_stmt* statement)
    : database_(database), sql_(std::move(sql)), statement_(statement) {}

SqliteStatement::SqliteStatement(SqliteStatement&& other) noexcept
    : database_(other.database_),
      sql_(std::move(other.sql_)),
      statement_(std::exchange(other.statement_, nullptr)),
      bound_(other.bound_),
      bind_error_(other.bind_error_) {}

SqliteStatement::~SqliteStatement() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  database_->idle_.emplace(std::move(sql_), statement_);
}

void SqliteStatement::Bind(absl::string_view text) {
  const int code = sqlite3_bind_text64(statement_, ++bound_, text.data() == nullptr ? "" : text.data(),
                                       text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  if (code != SQLITE_OK) bind_error_ = code;
}

void SqliteStatement::Bind(SqliteBlob blob) {
  const absl::string_view bytes = blob.bytes;
  const int code = sqlite3_bind_blob64(statement_, ++bound_, bytes.data() == nullptr ? "" : bytes.data(),
                                       bytes.size(), SQLITE_TRANSIENT);
  if (code != SQLITE_OK) bind_error_ = code;
}

void SqliteStatement::BindInteger(int64_t value) {
  const int code = sqlite3_bind_int64(statement_, ++bound_, value);
  if (code != SQLITE_OK) bind_error_ = code;
}

absl::StatusOr<bool> SqliteStatement::Step() {
  if (bind_error_ != SQLITE_OK) {
    return StatusOfSqlite(bind_error_, "binding a parameter", sqlite3_errstr(bind_error_));
  }
  if (database_->transaction_required_ && !database_->InTransaction()) {
    return absl::InternalError("the database has rolled the transaction back; end it and try again");
  }
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return StatusOfSqlite(code, "running a statement", sqlite3_errmsg(database_->handle()));
}

int64_t SqliteStatement::Integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string SqliteStatement::Bytes(int column) const {
  const void* bytes = sqlite3_column_blob(statement_, column);
  if (bytes == nullptr) return std::string();
  return std::string(static_cast<const char*>(bytes), sqlite3_column_bytes(statement_, column));
}

}  // namespace consort::coordinator
