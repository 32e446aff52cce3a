// The subcommands of consort-node. Each does its whole work and returns how it went; main makes the exit
// code.
#ifndef CONSORT_NODE_APP_COMMANDS_H_
#define CONSORT_NODE_APP_COMMANDS_H_

#include <cstdint>
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

struct IncidentOptions {
  std::string config;
  OutputFormat format = OutputFormat::kTable;
  std::string id;        // show, resolve
  std::string decision;  // resolve
  std::string by;        // resolve: role of who decided
};
// Lists what is held against the ledger, from the archive's own disk. Errors: the disk's.
absl::Status RunIncidentList(const IncidentOptions& options);
// Prints one with all its evidence. Errors: NotFound; the disk's.
absl::Status RunIncidentShow(const IncidentOptions& options);
// Tells the running daemon what a person has decided. Errors: Unavailable without a daemon; as
// Incidents::Resolve.
absl::Status RunIncidentResolve(const IncidentOptions& options);

struct StaffOptions {
  std::string config;
  std::string key;         // the approval key; empty: ../staff/approval.key beside the folder of `config`
  std::string passphrase;  // file that opens it; empty: not encrypted
  bool yes = false;        // without it the entry is shown and not sent
  uint64_t leaf = 0;       // withdraw: of the contribution
  std::string reason;      // withdraw
  std::string effect;      // withdraw
  std::string commitment;  // erase: hex
  std::string ground;      // erase
  std::string erased;      // erase
};
// Signs a withdrawal of one of the archive's contributions with the staff's key and hands it to the daemon.
// Errors: NotFound if the mirror holds no such contribution of ours; FailedPrecondition if the ledger
// refuses; as SubmitStaffEntry.
absl::Status RunWithdraw(const StaffOptions& options);
// The same for the erasure of a commitment that an entry of this archive carries.
absl::Status RunErase(const StaffOptions& options);

struct KeysOptions {
  std::string config;
  std::string purpose;  // entries, mirror
};
// Makes a new key beside the old one; the daemon takes the newest up at its next start. Errors: as
// KeySource::Save.
absl::Status RunKeysRotate(const KeysOptions& options);

}  // namespace consort::node

#endif  // CONSORT_NODE_APP_COMMANDS_H_
