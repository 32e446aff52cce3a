// Reads and writes whole rows, given the columns of their table (sqlite_columns.h).
#ifndef CONSORT_COORDINATOR_STORE_SQLITE_TABLE_H_
#define CONSORT_COORDINATOR_STORE_SQLITE_TABLE_H_

#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "common/status/macros.h"
#include "coordinator/store/sqlite_columns.h"
#include "coordinator/store/sqlite_database.h"

namespace consort::coordinator {

// The visitors of VisitColumns: they collect names, bind fields, and fill fields from a row.
struct SqliteColumnNames {
  std::vector<std::string> names;
  template <class Field>
  void operator()(const char* name, const Field&) {
    names.emplace_back(name);
  }
  void Blob(const char* name, const std::string&) { names.emplace_back(name); }
};

struct SqliteColumnBinder {
  SqliteStatement& statement;
  template <class Field>
  void operator()(const char*, const Field& field) {
    statement.Bind(field);
  }
  void Blob(const char*, const std::string& field) { statement.Bind(SqliteBlob{field}); }
};

struct SqliteColumnReader {
  const SqliteStatement& statement;
  int column = 0;
  template <class Field>
  void operator()(const char*, Field& field) {
    if constexpr (std::is_same_v<Field, std::string>) {
      field = statement.Bytes(column++);
    } else {
      field = static_cast<Field>(statement.Integer(column++));
    }
  }
  void Blob(const char*, std::string& field) { field = statement.Bytes(column++); }
};

template <class Row>
std::vector<std::string> SqliteNamesOf() {
  Row row;
  SqliteColumnNames names;
  VisitColumns(names, row);
  return std::move(names.names);
}

// "INSERT INTO table (columns) VALUES (?, ...)".
template <class Row>
std::string SqliteInsert() {
  const std::vector<std::string> names = SqliteNamesOf<Row>();
  const std::vector<std::string> marks(names.size(), "?");
  return absl::StrCat("INSERT INTO ", SqliteTableOf<Row>::kName, " (", absl::StrJoin(names, ", "),
                      ") VALUES (", absl::StrJoin(marks, ", "), ")");
}

// Not "INSERT OR REPLACE": that would silently delete another row that holds a unique value.
template <class Row>
std::string SqliteUpsert() {
  const auto assign = [](std::string* out, const std::string& name) {
    absl::StrAppend(out, name, " = excluded.", name);
  };
  return absl::StrCat(SqliteInsert<Row>(), " ON CONFLICT (", SqliteTableOf<Row>::kKey, ") DO UPDATE SET ",
                      absl::StrJoin(SqliteNamesOf<Row>(), ", ", assign));
}

template <class Row>
absl::Status WriteRow(SqliteDatabase& database, const std::string& sql, Row row) {
  ASSIGN_OR_RETURN(SqliteStatement statement, database.Query(sql));
  SqliteColumnBinder binder{statement};
  VisitColumns(binder, row);
  return statement.Step().status();
}

// Adds a row; AlreadyExists if its key or a unique value is taken.
template <class Row>
absl::Status InsertRow(SqliteDatabase& database, const Row& row) {
  static const std::string sql = SqliteInsert<Row>();
  return WriteRow(database, sql, row);
}

// Adds a row or replaces the one with its key; AlreadyExists if another row holds a unique value.
template <class Row>
absl::Status PutRow(SqliteDatabase& database, const Row& row) {
  static const std::string sql = SqliteUpsert<Row>();
  return WriteRow(database, sql, row);
}

template <class Row>
Row ReadRow(const SqliteStatement& statement) {
  Row row;
  SqliteColumnReader reader{statement};
  VisitColumns(reader, row);
  return row;
}

// Selects the rows that `rest` ("WHERE ... ORDER BY ...") names.
template <class Row, class... Arguments>
absl::StatusOr<SqliteStatement> SelectRows(SqliteDatabase& database, absl::string_view rest,
                                           const Arguments&... arguments) {
  static const std::string columns = absl::StrJoin(SqliteNamesOf<Row>(), ", ");
  return database.Query(absl::StrCat("SELECT ", columns, " FROM ", SqliteTableOf<Row>::kName, " ", rest),
                        arguments...);
}

template <class Row, class... Arguments>
absl::StatusOr<std::vector<Row>> ListRows(SqliteDatabase& database, absl::string_view rest,
                                          const Arguments&... arguments) {
  ASSIGN_OR_RETURN(SqliteStatement statement, SelectRows<Row>(database, rest, arguments...));
  std::vector<Row> rows;
  while (true) {
    ASSIGN_OR_RETURN(const bool found, statement.Step());
    if (!found) return rows;
    rows.push_back(ReadRow<Row>(statement));
  }
}

// The one row that `rest` names. Errors: NotFound.
template <class Row, class... Arguments>
absl::StatusOr<Row> GetRow(SqliteDatabase& database, absl::string_view rest, const Arguments&... arguments) {
  ASSIGN_OR_RETURN(SqliteStatement statement, SelectRows<Row>(database, rest, arguments...));
  ASSIGN_OR_RETURN(const bool found, statement.Step());
  if (!found) return absl::NotFoundError(absl::StrCat("there is no such ", SqliteTableOf<Row>::kName));
  return ReadRow<Row>(statement);
}

// The row that `rest` names, or nothing.
template <class Row, class... Arguments>
absl::StatusOr<std::optional<Row>> FindRow(SqliteDatabase& database, absl::string_view rest,
                                           const Arguments&... arguments) {
  absl::StatusOr<Row> row = GetRow<Row>(database, rest, arguments...);
  if (absl::IsNotFound(row.status())) return std::optional<Row>();
  if (!row.ok()) return row.status();
  return std::optional<Row>(*std::move(row));
}

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_STORE_SQLITE_TABLE_H_
