// A prepared SQLite statement: bind in order, step, read columns.
#ifndef CONSORT_COORDINATOR_STORE_SQLITE_STATEMENT_H_
#define CONSORT_COORDINATOR_STORE_SQLITE_STATEMENT_H_

#include <cstdint>
#include <string>
#include <type_traits>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct sqlite3_stmt;

namespace consort::coordinator {

class SqliteDatabase;

// Marks bytes that are bound as BLOB, not TEXT. Borrowed.
struct SqliteBlob {
  absl::string_view bytes;
};

// Goes back to its database for the next use when it ends. Not thread-safe; movable.
class SqliteStatement {
 public:
  SqliteStatement(SqliteDatabase* database, std::string sql, sqlite3_stmt* statement);
  SqliteStatement(SqliteStatement&& other) noexcept;
  SqliteStatement& operator=(SqliteStatement&&) = delete;
  ~SqliteStatement();

  // Binds the next parameter. The bytes are copied. A failed bind is reported by Step.
  void Bind(absl::string_view text);
  void Bind(SqliteBlob blob);
  void BindInteger(int64_t value);
  template <class T, class = std::enable_if_t<std::is_integral_v<T> || std::is_enum_v<T>>>
  void Bind(T value) {
    BindInteger(static_cast<int64_t>(value));
  }

  // Goes to the next row; false when there is none. Errors: as StatusOfSqlite.
  absl::StatusOr<bool> Step();

  // Columns of the row, 0-based. A column of another type reads as 0 or empty.
  int64_t Integer(int column) const;
  std::string Bytes(int column) const;  // TEXT and BLOB alike

 private:
  SqliteDatabase* database_;
  std::string sql_;
  sqlite3_stmt* statement_;
  int bound_ = 0;
  int bind_error_ = 0;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_STORE_SQLITE_STATEMENT_H_
