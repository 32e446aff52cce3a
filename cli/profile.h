// Who this person is in a federation: the folder that `consort enrol` writes and every other command reads.
#ifndef CONSORT_CLI_PROFILE_H_
#define CONSORT_CLI_PROFILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace consort::cli {

// profile.toml, without the keys, which lie beside it in files of their own.
struct Profile {
  std::string address;     // [coordinator] HOST:PORT
  std::string proxy;       // [coordinator] HTTP CONNECT proxy; may be empty
  std::string federation;  // [federation]
  std::string project;
  std::string role;  // [member] archive, researcher, auditor, operator
  std::string name;
  std::string ledger_origin;  // [ledger]
  std::string log_vkey;
  std::string coordinator_entry_vkey;
};

// Paths inside a profile folder.
std::string CertificatePath(const std::string& directory);  // tls.pem
std::string KeyPath(const std::string& directory);          // tls.key
std::string AuthorityPath(const std::string& directory);    // ca.pem

// --profile, else $CONSORT_PROFILE, else ~/.config/consort.
std::string ProfileDirectory(const std::string& option);

// Errors: NotFound if nobody has enrolled there; InvalidArgument with line and column.
absl::StatusOr<Profile> ReadProfile(const std::string& directory);

struct ProfileSecrets {
  std::string certificate_pem;
  std::string key_pem;
  std::string authority_pem;
};
// Makes the folder (mode 0700) and writes its files, the key readable by its owner alone, profile.toml last.
// Errors: AlreadyExists if a profile is there; Internal for the disk.
absl::Status WriteProfile(const std::string& directory, const Profile& profile,
                          const ProfileSecrets& secrets);

}  // namespace consort::cli

#endif  // CONSORT_CLI_PROFILE_H_
