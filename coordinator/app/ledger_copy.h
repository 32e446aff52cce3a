// Proves that the ledger in a database is whole, with the same check that outsiders run.
#ifndef CONSORT_COORDINATOR_APP_LEDGER_COPY_H_
#define CONSORT_COORDINATOR_APP_LEDGER_COPY_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "coordinator/app/coordinator_config.h"

namespace consort::coordinator {

struct VerifiedLedger {
  uint64_t size = 0;  // of the newest checkpoint
  std::string root;   // hex
};

// Exports the ledger of the coordinator that `config` describes to `directory` and verifies the export
// against the log key of its keys folder. The coordinator must not be running. Errors: DataLoss naming the
// check that failed; FailedPrecondition without a checkpoint; those of the store and the disk.
absl::StatusOr<VerifiedLedger> ExportAndVerify(const CoordinatorConfig& config, const std::string& directory);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_APP_LEDGER_COPY_H_
