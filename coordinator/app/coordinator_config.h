// What coordinator.toml says: read and checked once, before anything starts.
#ifndef CONSORT_COORDINATOR_APP_COORDINATOR_CONFIG_H_
#define CONSORT_COORDINATOR_APP_COORDINATOR_CONFIG_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/crypto/key_source.h"
#include "common/rpc/server_credentials.h"
#include "coordinator/ledger/sequencer.h"

namespace consort::coordinator {

// Immutable once loaded. Relative paths in the file are taken from the file's own folder, so that a whole
// coordinator can be moved, backed up and restored elsewhere.
struct CoordinatorConfig {
  // [federation]
  std::string federation;
  std::string project;
  // [server]
  std::string listen;     // HOST:PORT; port 0 takes a free one, written to <state>/port
  std::string advertise;  // HOST:PORT in invitations; port 0 stands for the real one
  // [state]
  std::string state_directory;  // database, artifacts, spools
  std::string keys_directory;
  // [ledger]
  absl::Duration seal_delay;      // a checkpoint at the latest so long after an entry; 1 s to 1 h
  std::string policy_file;        // C2SP tlog-policy; empty: a majority of the archives that are enrolled
  int faulty = -1;                // witnesses that may be dishonest, 0 to 255; -1: floor((n - 1) / 3)
  std::string publish_directory;  // the static export is kept there; empty: nowhere
  absl::Duration witness_window;  // how long a model waits for its witnesses, 1 h to 30 days
  // [keys]
  std::string passphrase_file;  // opens encrypted keys; empty: none are encrypted
  std::string credentials;      // systemd's $CREDENTIALS_DIRECTORY; empty: none
  // [trainer]
  std::string trainer_socket;
  std::string trainer_program;  // empty: somebody else (systemd) starts it
  std::string trainer_config;   // handed to the program
  // [limits]
  int bulk_streams = 8;               // transfers at once, 1 to 64: more share the same disk and link
  uint64_t artifact_quota_bytes = 0;  // 0: bounded by the disk
  absl::Duration drain_limit;         // how long SIGTERM waits for open rounds; 0 s to 1 h
  // [metrics]
  std::string metrics_listen;  // loopback address; "" = off
  // [log]
  std::string log_level;

  std::string Key(const std::string& file) const { return keys_directory + "/" + file; }
  // For every private key but tls.key, which the TLS library reads by itself.
  KeySource keys() const { return {keys_directory, passphrase_file, credentials}; }
  std::string database() const { return state_directory + "/consort.db"; }
  std::string artifacts() const { return state_directory + "/artifacts"; }
  std::string spool() const { return state_directory + "/spool"; }
  LedgerIdentity identity() const;
  std::string entry_key_name() const;
  ServerTlsFiles tls() const { return {Key("tls.pem"), Key("tls.key"), Key("ca.pem")}; }
};

// Reads `path` and the CONSORT_* variables. Errors: as ConfigDocument; messages name file, line and key.
absl::StatusOr<CoordinatorConfig> LoadCoordinatorConfig(const std::string& path);

// The text of a new coordinator.toml. Errors: InvalidArgument for a value that does not fit one line of TOML.
absl::StatusOr<std::string> FormatCoordinatorConfig(const std::string& federation, const std::string& project,
                                                    const std::string& listen, const std::string& advertise,
                                                    const std::string& trainer_program);

// `text` as a TOML literal string with its quotes. Errors: InvalidArgument for a quote or a control character
// in it.
absl::StatusOr<std::string> TomlLiteral(const std::string& text);

// "HOST:PORT" or "[IPV6]:PORT" apart. Errors: InvalidArgument.
struct HostPort {
  std::string host;  // without brackets
  int port = 0;
  bool is_ip = false;
};
absl::StatusOr<HostPort> SplitHostPort(const std::string& address);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_APP_COORDINATOR_CONFIG_H_
