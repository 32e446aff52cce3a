// The program `consort`: builds the command line, parses it, runs the chosen command.
#include <cstdlib>

#include "CLI/CLI.hpp"
#include "cli/command.h"
#include "cli/commands/commands.h"
#include "common/status/exit_code.h"

int main(int argc, char** argv) {
  CLI::App app(
      "Federated fine-tuning of music models with archives whose recordings never leave them.\n"
      "Start with: consort enrol INVITATION",
      "consort");
  app.set_version_flag("--version", CONSORT_VERSION);
  app.require_subcommand(1);
  consort::cli::CommandSet commands(app);
  consort::cli::AddAllCommands(commands);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool help = app.exit(error) == 0;
    return help ? EXIT_SUCCESS : static_cast<int>(consort::ExitCode::kUsage);
  }
  return commands.Run();
}
