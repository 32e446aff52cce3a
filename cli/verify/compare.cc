// consort-verify compare A B [DIR]
#include <memory>

#include "cli/ledger_audit/compare_checkpoints.h"
#include "cli/verify/commands.h"

namespace consort::cli {

void AddVerifyCompare(VerifyCommandSet& commands) {
  auto options = std::make_shared<CompareOptions>();
  CommandSyntax syntax =
      commands.Add("compare", "Two checkpoints of one log: the same history, or two that exclude each other",
                   {"consort-verify compare mine theirs --policy my-policy",
                    "consort-verify compare mine ledger/checkpoint ledger --evidence split-view.txt"},
                   [options](const Printer& printer) { return CompareCheckpoints(*options, printer); });
  DeclareCompare(syntax, *options);
  syntax.OptionalPositional("directory", options->directory,
                            "Folder with the entries of the larger one; for two of one size none is needed");
}

}  // namespace consort::cli
