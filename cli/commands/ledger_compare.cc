// consort ledger compare A B
#include <memory>

#include "cli/commands/commands.h"
#include "cli/ledger_audit/compare_checkpoints.h"

namespace consort::cli {
namespace {

absl::StatusOr<ExitCode> Run(CompareOptions options, CommandContext& context) {
  const bool nobody_given = options.trust.log_keys.empty() && options.trust.policy.empty();
  if (nobody_given && options.directory.empty()) {
    // Whoever has enrolled trusts the key that was pinned then.
    const absl::StatusOr<Profile> profile = context.profile();
    if (profile.ok()) options.trust.log_keys = {profile->log_vkey};
  }
  return CompareCheckpoints(options, context.printer());
}

}  // namespace

void AddLedgerCompare(CommandSet& commands) {
  auto options = std::make_shared<CompareOptions>();
  CommandSyntax syntax = commands.Add(
      "ledger", "compare", "Two checkpoints: the same history, or a log that has shown two (exit code 6)",
      "consort ledger compare mine theirs --from ledger --evidence split-view.txt",
      [options](CommandContext& context) { return Run(*options, context); });
  DeclareCompare(syntax, *options);
  syntax.Option("--from", options->directory,
                "Folder with the entries of the larger one; for two of one size none is needed");
}

}  // namespace consort::cli
