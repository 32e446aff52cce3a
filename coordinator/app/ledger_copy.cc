#include "coordinator/app/ledger_copy.h"

#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/crypto/signing_key.h"
#include "common/ledger/export.h"
#include "common/ledger/verify.h"
#include "common/status/macros.h"
#include "coordinator/enrol/ledger_keys.h"
#include "coordinator/store/sqlite_store.h"

namespace consort::coordinator {
namespace {

absl::StatusOr<ledger::ExportSource> SourceOf(Store& store, const std::string& log_vkey) {
  ledger::ExportSource source;
  RETURN_IF_ERROR(store.Transact([&](Transaction& transaction) -> absl::Status {
    // There is at most one a size.
    ASSIGN_OR_RETURN(const uint64_t size, transaction.LedgerSize());
    ASSIGN_OR_RETURN(const std::vector<CheckpointRow> checkpoints, transaction.ListCheckpoints(0, size + 1));
    for (const CheckpointRow& row : checkpoints) source.checkpoints.push_back(row.note);
    ASSIGN_OR_RETURN(LedgerKeys keys, ReadLedgerKeys(transaction));
    source.keys.policy = PolicyText(log_vkey, keys.witness_vkeys);
    source.keys.entry_vkeys = std::move(keys.entry_vkeys);
    source.keys.witness_vkeys = std::move(keys.witness_vkeys);
    return absl::OkStatus();
  }));
  source.keys.log_vkeys = {log_vkey};
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
  ASSIGN_OR_RETURN(const SigningKey log_key,
                   SigningKey::Load(config.Key("log.key"), config.identity().origin));
  const std::string log_vkey = log_key.verifier().ToString();
  ASSIGN_OR_RETURN(const std::unique_ptr<Store> store, SqliteStore::Open(config.database()));
  ASSIGN_OR_RETURN(const ledger::ExportSource source, SourceOf(*store, log_vkey));
  RETURN_IF_ERROR(ledger::WriteExport(source, directory));
  ledger::VerifyOptions options;
  options.directory = directory;
  options.log_vkeys = {log_vkey};
  ASSIGN_OR_RETURN(const ledger::VerifyReport report, ledger::VerifyExport(options));
  for (const ledger::Check& check : report.checks) {
    if (check.passed) continue;
    return absl::DataLossError(absl::StrCat("ledger does not verify; keep this copy and take another: check ",
                                            check.id, ": ", check.detail));
  }
  return VerifiedLedger{report.size, report.root};
}

}  // namespace consort::coordinator
