// The coordinator's memory in one SQLite file.
#ifndef CONSORT_COORDINATOR_STORE_SQLITE_STORE_H_
#define CONSORT_COORDINATOR_STORE_SQLITE_STORE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "coordinator/store/state_lock.h"
#include "coordinator/store/store.h"

namespace consort::coordinator {

class SqliteDatabase;

class SqliteStore : public Store {
 public:
  // Opens or creates the database and holds `path`.lock while it lives. ":memory:" gives one that nobody
  // shares and that ends with the object. Errors: FailedPrecondition if another process holds it or its
  // schema is newer; DataLoss for a file that is damaged or not ours; ResourceExhausted; Internal.
  static absl::StatusOr<std::unique_ptr<Store>> Open(const std::string& path);
  ~SqliteStore() override;

  // As Store says. A failed sync or write at the commit ends the process with a message on stderr: whether
  // the commit is on the disk is then unknown, and reading it back from the cache would not tell.
  absl::Status Transact(const std::function<absl::Status(Transaction&)>& work) override;
  absl::Status ForgetOverwritten() override;
  absl::Status Backup(const std::string& path) override;

 private:
  SqliteStore(std::unique_ptr<StateLock> lock, std::unique_ptr<SqliteDatabase> database);

  std::unique_ptr<StateLock> lock_;  // null for ":memory:"; released after the database is closed
  std::unique_ptr<SqliteDatabase> database_;
};

// Copies the database at `from`, which a running coordinator may be using, to the new file `to`,
// consistently. Errors: NotFound, AlreadyExists, ResourceExhausted, Unavailable (kept busy by its writer),
// Internal.
absl::Status BackUpSqliteFile(const std::string& from, const std::string& to);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_STORE_SQLITE_STORE_H_
