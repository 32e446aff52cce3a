// The tables of the coordinator's SQLite database and their versions.
#ifndef CONSORT_COORDINATOR_STORE_SQLITE_SCHEMA_H_
#define CONSORT_COORDINATOR_STORE_SQLITE_SCHEMA_H_

#include "absl/status/status.h"
#include "coordinator/store/sqlite_database.h"

namespace consort::coordinator {

// The schema that this program writes.
inline constexpr int kSqliteSchemaVersion = 3;

// Brings a new or older database to kSqliteSchemaVersion, in one transaction. Errors: FailedPrecondition for
// a database of a newer schema, which is left as it is; DataLoss for one that holds other tables; as
// StatusOfSqlite.
absl::Status PrepareSqliteSchema(SqliteDatabase& database);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_STORE_SQLITE_SCHEMA_H_
