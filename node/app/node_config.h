// What node.toml says: read and checked once, before anything starts.
#ifndef CONSORT_NODE_APP_NODE_CONFIG_H_
#define CONSORT_NODE_APP_NODE_CONFIG_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/crypto/key_source.h"
#include "node/daemon/tls_identity.h"
#include "node/policy/standing_policy.h"

namespace consort::node {

// Immutable once loaded. Names the daemon's own files; where recordings and consent papers lie is in
// trainer.toml, which the daemon cannot open.
struct NodeConfig {
  // [archive]
  std::string archive;  // name, as enrolled
  std::string federation;
  std::string project;
  // [coordinator]
  std::string address;   // HOST:PORT
  std::string log_vkey;  // pinned at enrolment
  std::string entry_vkey;
  std::string proxy;  // HTTP CONNECT proxy, HOST:PORT; empty: none
  // [state]
  std::string state_directory;  // journal, tasks, ledger heads: the daemon's memory; back it up
  std::string keys_directory;   // tls.pem, tls.key, ca.pem, entries.key, mirror.key
  // [keys]
  std::string passphrase_file;  // opens encrypted keys; empty: none are
  // [policy]
  StandingPolicy policy;
  // [trainer]
  std::string trainer_socket;
  std::string trainer_program;  // empty: somebody else (systemd) starts it
  std::string trainer_config;   // handed to the program
  // [control]
  std::string control_socket;       // default: <state>/control.sock
  std::vector<uid_t> control_uids;  // let in beside root and the daemon's own user
  // [metrics]
  std::string metrics_listen;  // loopback address; "" = off
  // [log]
  std::string log_level;

  std::string origin() const;  // of the ledger: ledger.<federation>/<project>
  // Private keys: systemd's credentials first, then the keys folder.
  KeySource keys() const { return {keys_directory, passphrase_file, CredentialsDirectory()}; }
  std::string Key(const std::string& file) const { return keys_directory + "/" + file; }
  // The pair from enrolment, and the file in which the daemon keeps and renews it
  // (node/daemon/tls_identity.h).
  TlsFiles enrolled_tls() const { return {Key("tls.pem"), Key("tls.key")}; }
  std::string tls_identity_path() const { return state_directory + "/tls-identity.pem"; }
  std::string journal_path() const { return state_directory + "/egress.journal"; }
};

// Reads `path` and the CONSORT_* variables. Errors: as ConfigDocument; messages name file, line and key.
absl::StatusOr<NodeConfig> LoadNodeConfig(const std::string& path);

// The text of a new node.toml.
std::string FormatNodeConfig(const NodeConfig& config);

// `text` as a TOML basic string with its quotes. Errors: InvalidArgument if it is not UTF-8.
absl::StatusOr<std::string> TomlString(const std::string& text);

}  // namespace consort::node

#endif  // CONSORT_NODE_APP_NODE_CONFIG_H_
