// The frame that every command fills: its options, its help, and what it does.
#ifndef CONSORT_CLI_COMMAND_H_
#define CONSORT_CLI_COMMAND_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "cli/command_syntax.h"
#include "cli/printer.h"
#include "cli/profile.h"
#include "common/status/exit_code.h"

namespace CLI {
class App;
}

namespace consort::cli {

class CoordinatorClient;
class TransferClient;

// What a running command may use. Clients are opened on first use, each with a connection of its own. Not
// thread-safe; lives as long as the command.
class CommandContext {
 public:
  CommandContext(std::string profile_directory, const Printer& printer);
  ~CommandContext();

  const Printer& printer() const { return printer_; }
  const std::string& profile_directory() const { return profile_directory_; }
  // Errors: as ReadProfile.
  absl::StatusOr<Profile> profile() const;
  // The client lives as long as the context. Errors: as ReadProfile and OpenChannel.
  absl::StatusOr<CoordinatorClient*> coordinator();
  absl::StatusOr<TransferClient*> transfers();

 private:
  std::string profile_directory_;
  const Printer& printer_;
  std::unique_ptr<CoordinatorClient> coordinator_;
  std::unique_ptr<TransferClient> transfers_;
};

using CommandAction = std::function<absl::StatusOr<ExitCode>(CommandContext&)>;

// Collects the commands while the command line is built; the chosen one's action is run by main.
class CommandSet {
 public:
  explicit CommandSet(CLI::App& root) : root_(root) {}

  // Adds the command `noun verb` (`verb` may be empty) with --profile, -o and the table of exit codes.
  // `example` is a whole command line. The caller adds its own options to the returned syntax.
  CommandSyntax Add(const std::string& noun, const std::string& verb, const std::string& description,
                    const std::string& example, CommandAction action);

  // After parsing: runs the chosen command and returns the process's exit code. Failures are printed on
  // stderr.
  int Run() const;

 private:
  CLI::App& Noun(const std::string& noun);

  CLI::App& root_;
  std::string profile_option_;
  std::string format_option_ = "table";
  CommandAction chosen_;
};

}  // namespace consort::cli

#endif  // CONSORT_CLI_COMMAND_H_
