// consort-verify ledger DIR
#include <memory>

#include "cli/ledger_audit/verify_ledger.h"
#include "cli/verify/commands.h"

namespace consort::cli {

void AddVerifyLedger(VerifyCommandSet& commands) {
  auto options = std::make_shared<VerifyLedgerOptions>();
  CommandSyntax syntax =
      commands.Add("ledger", "Check a whole ledger: the folder that was exported, published or mirrored",
                   {"consort-verify ledger /media/stick/ledger --policy my-policy",
                    "consort-verify ledger ledger --log-key ledger.example.org/music+c74f20a3+ARpc... "
                    "--kept-checkpoint mine"},
                   [options](const Printer& printer) { return VerifyLedger(*options, printer); });
  syntax.Positional("directory", options->directory, "Folder with the file checkpoint");
  DeclareVerifyLedger(syntax, *options);
}

}  // namespace consort::cli
