// A whole ledger in a folder, checked without a network.
#ifndef CONSORT_CLI_LEDGER_AUDIT_VERIFY_LEDGER_H_
#define CONSORT_CLI_LEDGER_AUDIT_VERIFY_LEDGER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/ledger_audit/trust.h"
#include "cli/printer.h"
#include "common/status/exit_code.h"

namespace consort::cli {

struct VerifyLedgerOptions {
  std::string directory;
  TrustOptions trust;
  LanguageOption language;
  std::vector<std::string> kept_checkpoints;  // paths
  std::string since;       // path of a kept checkpoint whose entries were verified before; empty: none
  uint64_t threads = 0;    // 0: as many as this computer runs at once
  bool tree_only = false;  // entries are hashed, not read
};
// All but the folder, which callers name in their own way.
void DeclareVerifyLedger(CommandSyntax& syntax, VerifyLedgerOptions& options);

// Prints each check with the first bad index and the reason, then the verdict. kVerificationFailed if a check
// failed. Errors: NotFound without a ledger or for a file that an option names; InvalidArgument for keys and
// policies.
absl::StatusOr<ExitCode> VerifyLedger(const VerifyLedgerOptions& options, const Printer& printer);

}  // namespace consort::cli

#endif  // CONSORT_CLI_LEDGER_AUDIT_VERIFY_LEDGER_H_
