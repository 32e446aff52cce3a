#include "coordinator/app/ledger_copy.h"

#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/ledger/export.h"
#include "common/ledger/verify.h"
#include "common/status/macros.h"
#include "common/sync/thread_executor.h"
#include "coordinator/app/keys.h"
#include "coordinator/ledger/publisher.h"
#include "coordinator/store/sqlite_store.h"

namespace consort::coordinator {

absl::StatusOr<VerifiedLedger> ExportAndVerify(const CoordinatorConfig& config,
                                               const std::string& directory) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Store> store, SqliteStore::Open(config.database()));
  // A copy without keys that are in force could not go on.
  ASSIGN_OR_RETURN(const CoordinatorKeys keys, LoadCoordinatorKeys(config, *store));
  ThreadExecutor clock;  // nothing runs on it: this thread is the owner of everything here
  ASSIGN_OR_RETURN(const auto sequencer, OpenSequencer(config, *store, keys, clock));
  ASSIGN_OR_RETURN(ledger::ExportSource source, ExportPlan(*store, *sequencer));
  source.read = [&store](uint64_t start, uint64_t end,
                         const std::function<absl::Status(absl::string_view)>& take) {
    return store->Transact([&](Transaction& transaction) {
      return transaction.ReadLeaves(start, end, [&take](const LeafRow& leaf) { return take(leaf.body); });
    });
  };
  RETURN_IF_ERROR(ledger::WriteExport(source, directory));
  ledger::VerifyOptions options;
  options.directory = directory;
  options.log_vkeys = source.keys.log_vkeys;
  ASSIGN_OR_RETURN(const ledger::VerifyReport report, ledger::VerifyExport(options));
  for (const ledger::Check& check : report.checks) {
    if (check.passed) continue;
    return absl::DataLossError(absl::StrCat("ledger does not verify; keep this copy and take another: check ",
                                            check.id, ": ", check.detail));
  }
  return VerifiedLedger{report.size, report.root};
}

}  // namespace consort::coordinator
