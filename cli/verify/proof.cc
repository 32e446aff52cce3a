// consort-verify proof FILE ENTRY
#include <memory>

#include "cli/ledger_audit/check_proof.h"
#include "cli/verify/commands.h"

namespace consort::cli {

void AddVerifyProof(VerifyCommandSet& commands) {
  auto options = std::make_shared<CheckProofOptions>();
  CommandSyntax syntax =
      commands.Add("proof", "Check that one entry stands in the ledger, without the rest of it",
                   {"consort-verify proof entry-12.tlog-proof entry-12.json --policy my-policy"},
                   [options](const Printer& printer) { return CheckProof(*options, printer); });
  DeclareCheckProof(syntax, *options);
}

}  // namespace consort::cli
