// The program `consort-verify`: for auditors who trust nobody with a server. Reads files, needs no network.
#include <cstdlib>

#include "CLI/CLI.hpp"
#include "cli/verify/commands.h"
#include "common/status/exit_code.h"

int main(int argc, char** argv) {
  CLI::App app(
      "Checks a federation's ledger from files alone: no network, no account, no trust in who keeps it.",
      "consort-verify");
  app.set_version_flag("--version", CONSORT_VERSION);
  app.require_subcommand(1);
  consort::cli::VerifyCommandSet commands(app);
  for (void (*add)(consort::cli::VerifyCommandSet&) :
       {consort::cli::AddVerifyLedger, consort::cli::AddVerifyProof, consort::cli::AddVerifyCompare,
        consort::cli::AddVerifyPolicy}) {
    add(commands);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool help = app.exit(error) == 0;
    return help ? EXIT_SUCCESS : static_cast<int>(consort::ExitCode::kUsage);
  }
  return commands.Run();
}
