// consort ledger verify DIR
#include <memory>

#include "cli/commands/commands.h"
#include "cli/ledger_audit/verify_ledger.h"

namespace consort::cli {

void AddLedgerVerify(CommandSet& commands) {
  auto options = std::make_shared<VerifyLedgerOptions>();
  CommandSyntax syntax =
      commands.Add("ledger", "verify", "Check an exported ledger, offline",
                   "consort ledger verify ledger --log-key ledger.example.org/music+c74f20a3+ARpc...",
                   [options](CommandContext& context) { return VerifyLedger(*options, context.printer()); });
  syntax.Positional("directory", options->directory, "Folder that `consort ledger export` wrote");
  DeclareVerifyLedger(syntax, *options);
}

}  // namespace consort::cli
