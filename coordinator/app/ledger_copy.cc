#include "coordinator/app/ledger_copy.h"

#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/ledger/export.h"
#include "common/ledger/verify.h"
#include "common/status/macros.h"
#include "coordinator/app/keys.h"
#include "coordinator/enrol/ledger_keys.h"
#include "coordinator/store/sqlite_store.h"

namespace consort::coordinator {
namespace {

absl::StatusOr<ledger::ExportSource> SourceOf(Store& store) {
  ledger::ExportSource source;
  RETURN_IF_ERROR(store.Transact([&](Transaction& transaction) -> absl::Status {
    // There is at most one a size.
    ASSIGN_OR_RETURN(const uint64_t size, transaction.LedgerSize());
    ASSIGN_OR_RETURN(const std::vector<CheckpointRow> checkpoints, transaction.ListCheckpoints(0, size + 1));
    for (const CheckpointRow& row : checkpoints) source.checkpoints.push_back(row.note);
    ASSIGN_OR_RETURN(const ledger::KeyBook book, ReadKeyBook(transaction));
    LedgerKeys keys = LedgerKeysOf(book);
    source.keys.policy = PolicyText(keys.log_vkeys.front(), keys.witness_vkeys);
    source.keys.log_vkeys = std::move(keys.log_vkeys);
    source.keys.entry_vkeys = std::move(keys.entry_vkeys);
    source.keys.witness_vkeys = std::move(keys.witness_vkeys);
    return absl::OkStatus();
  }));
  source.read = [&store](uint64_t start, uint64_t end,
                         const std::function<absl::Status(absl::string_view)>& take) {
    return store.Transact([&](Transaction& transaction) {
      return transaction.ReadLeaves(start, end, [&take](const LeafRow& leaf) { return take(leaf.body); });
    });
  };
  return source;
}

}  // namespace

absl::StatusOr<VerifiedLedger> ExportAndVerify(const CoordinatorConfig& config,
                                               const std::string& directory) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Store> store, SqliteStore::Open(config.database()));
  RETURN_IF_ERROR(LoadCoordinatorKeys(config, *store).status());  // a copy without them could not go on
  ASSIGN_OR_RETURN(const ledger::ExportSource source, SourceOf(*store));
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
