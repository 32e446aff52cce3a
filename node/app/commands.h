// The subcommands of consort-node. Each does its whole work and returns how it went; main makes the exit
// code.
#ifndef CONSORT_NODE_APP_COMMANDS_H_
#define CONSORT_NODE_APP_COMMANDS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "node/app/command_output.h"

namespace consort::node {

struct EnrolOptions {
  std::string invitation;
  std::string directory;
  std::string recordings;
  std::string consent;    // kDeclaredByOperator, or empty: ask at a terminal
  std::string listening;  // empty: <directory>/listening
  std::string proxy;
  std::string trainer_program;                                  // empty: consort-trainer beside this program
  std::vector<std::pair<std::string, std::string>> traditions;  // subfolder, published name
};
// Makes <directory>/{node,trainer,staff} and enrols. Errors: AlreadyExists if it is enrolled; as the
// coordinator says. Run again after a failure: keys that were made are used again. Without the operator's
// declaration of consent it enrols all the same, and the trainer refuses every recording.
absl::Status RunEnrol(const EnrolOptions& options);

struct RunOptions {
  std::string config;
  bool check_config = false;
  bool unsafe_no_sandbox = false;
};
// Runs the daemon until SIGTERM or SIGINT. Must be called from main, before any thread exists.
absl::Status RunDaemon(const RunOptions& options);

struct DoctorOptions {
  std::string config;
  OutputFormat format = OutputFormat::kTable;
};
// Prints every check. Errors: Unknown when one of them failed.
absl::Status RunDoctor(const DoctorOptions& options);

struct JournalOptions {
  std::string config;
  OutputFormat format = OutputFormat::kTable;
  bool sums = false;
  bool verify = false;
};
// Errors: DataLoss if the chain does not hold.
absl::Status RunJournal(const JournalOptions& options);

struct StatusOptions {
  std::string config;
  OutputFormat format = OutputFormat::kTable;
};
// Errors: Unavailable if no daemon runs.
absl::Status RunStatus(const StatusOptions& options);

}  // namespace consort::node

#endif  // CONSORT_NODE_APP_COMMANDS_H_
