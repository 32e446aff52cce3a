// Copies a SQLite database to a new file through SQLite's own backup, so that a copy is never torn.
#ifndef CONSORT_COORDINATOR_STORE_SQLITE_BACKUP_H_
#define CONSORT_COORDINATOR_STORE_SQLITE_BACKUP_H_

#include <string>

#include "absl/status/status.h"
#include "coordinator/store/sqlite_database.h"

namespace consort::coordinator {

// The copy appears under `path` whole and synced, or not at all. Errors: AlreadyExists if `path` exists; as
// StatusOfSqlite; Internal.
absl::Status BackUpSqlite(SqliteDatabase& database, const std::string& path);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_STORE_SQLITE_BACKUP_H_
