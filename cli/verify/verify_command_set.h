// The frame of consort-verify's commands: like the one of `consort`, but without a coordinator, a profile or
// a network.
#ifndef CONSORT_CLI_VERIFY_VERIFY_COMMAND_SET_H_
#define CONSORT_CLI_VERIFY_VERIFY_COMMAND_SET_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/command_syntax.h"
#include "cli/printer.h"
#include "common/status/exit_code.h"

namespace CLI {
class App;
}

namespace consort::cli {

using VerifyAction = std::function<absl::StatusOr<ExitCode>(const Printer&)>;

// Collects the commands while the command line is built; the chosen one's action is run by main.
class VerifyCommandSet {
 public:
  explicit VerifyCommandSet(CLI::App& root) : root_(root) {}

  // Adds a command with -o and the table of exit codes. `examples`: whole command lines.
  CommandSyntax Add(const std::string& name, const std::string& description,
                    const std::vector<std::string>& examples, VerifyAction action);

  // After parsing: runs the chosen command and returns the process's exit code. Failures go to stderr.
  int Run() const;

 private:
  CLI::App& root_;
  std::string format_option_ = "table";
  VerifyAction chosen_;
};

}  // namespace consort::cli

#endif  // CONSORT_CLI_VERIFY_VERIFY_COMMAND_SET_H_
