// Keeps two coordinators off one database.
#ifndef CONSORT_COORDINATOR_STORE_STATE_LOCK_H_
#define CONSORT_COORDINATOR_STORE_STATE_LOCK_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace consort::coordinator {

// An advisory lock (flock) on a file beside the database, held for as long as this lives. The kernel lets go
// of it when the process ends, however it ends; the file stays.
class StateLock {
 public:
  // Errors: FailedPrecondition if another process holds it; Internal if the file cannot be opened.
  static absl::StatusOr<std::unique_ptr<StateLock>> Take(const std::string& path);
  ~StateLock();

 private:
  explicit StateLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_STORE_STATE_LOCK_H_
