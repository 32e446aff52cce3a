// The subcommands of consort-coordinator. Each does its whole work and returns how it went; main makes the
// exit code.
#ifndef CONSORT_COORDINATOR_APP_COMMANDS_H_
#define CONSORT_COORDINATOR_APP_COMMANDS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace consort::coordinator {

inline constexpr char kSoftwareVersion[] = "0.1.0";

struct InitOptions {
  std::string directory;  // made; must be empty if it exists
  std::string federation;
  std::string project = "music";
  std::string listen = "127.0.0.1:8443";
  std::string advertise;  // empty: as listen
  std::string first_operator = "operator";
  std::string trainer_program;  // empty: consort-trainer beside this program
};
// Makes keys, state and configuration and prints the first operator's invitation on stdout. Errors:
// AlreadyExists if the directory holds something; InvalidArgument for a name or address; PermissionDenied,
// ResourceExhausted, Internal.
absl::Status RunInit(const InitOptions& options);

struct RunOptions {
  std::string config;
  bool check_config = false;
  bool unsafe_no_sandbox = false;
};
// Runs the coordinator until SIGTERM or SIGINT, then drains. Must be called from main, before any thread
// exists. Errors: FailedPrecondition if another coordinator uses the state; Unavailable if the port is taken;
// as the parts say.
absl::Status RunCoordinator(const RunOptions& options);

// Copies database, artifacts, spools, keys and configuration of a coordinator, running or not, to the new
// folder `destination`, exports the copy's ledger to <destination>/ledger and verifies it. Errors:
// AlreadyExists; DataLoss if the ledger does not verify.
absl::Status RunBackup(const std::string& config, const std::string& destination);

// Copies a backup to the new folder `destination` and verifies the ledger of the copy. Errors: NotFound if
// `backup` holds none; AlreadyExists; DataLoss.
absl::Status RunRestore(const std::string& backup, const std::string& destination);

struct RestoreOptions {
  std::string backup;
  std::string destination;
  std::vector<std::string> mirrors;  // folders with an archive's copy of the ledger
  bool really = false;               // otherwise it is only said what would be done
};
// Makes a coordinator from a backup and what an archive's mirror holds of its ledger beyond that: the largest
// mirror is taken, after it verified and every other was found to be a prefix. Every job that was under way
// ends as failed, and an incident entry says what was done. The target is whole once it has a configuration.
// Errors: as RunRestore; DataLoss if the mirror does not verify; FailedPrecondition if the backup lacks a key
// that was made after it.
absl::Status RunRestoreFromMirror(const RestoreOptions& options);

struct KeysOptions {
  std::string config;
  std::string purpose;  // log or entries
  bool really = false;  // otherwise it is only said what would be done
};
// The four want a stopped coordinator, and hold its state's lock. Errors of all: FailedPrecondition if it
// runs, or if no file holds a key that is in force; those of the keys' files.
//
// Prints the coordinator's own keys: purpose, file, first entry, state, verifier key.
absl::Status RunKeysList(const std::string& config);
// Makes a new log or entry key and enters it into the ledger in place of the one in force. A call that was
// killed may be repeated. Errors: InvalidArgument for another purpose; FailedPrecondition if two log keys
// overlap already.
absl::Status RunKeysRotate(const KeysOptions& options);
// Ends the overlap of two log keys: revokes the older one. Errors: InvalidArgument, FailedPrecondition.
absl::Status RunKeysRetire(const KeysOptions& options);
// Encrypts every key of the keys folder but tls.key with the passphrase of [keys] passphrase_file. A call
// that was killed may be repeated. Errors: FailedPrecondition without one.
absl::Status RunKeysEncrypt(const KeysOptions& options);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_APP_COMMANDS_H_
