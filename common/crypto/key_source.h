// Where a program's private keys lie, and what opens them.
#ifndef CONSORT_COMMON_CRYPTO_KEY_SOURCE_H_
#define CONSORT_COMMON_CRYPTO_KEY_SOURCE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/signing_key.h"

namespace consort {

// systemd's $CREDENTIALS_DIRECTORY, in which a unit's LoadCredential= lays keys out; empty: there is none.
std::string CredentialsDirectory();

// A key is looked for among the credentials first and in the keys folder then, under the same file name. A
// plain value: every call reads the disk anew. Any thread.
struct KeySource {
  std::string folder;           // the keys folder
  std::string passphrase_file;  // opens encrypted keys and is the owner's alone; empty: none are encrypted
  std::string credentials;      // CredentialsDirectory()

  // Errors: NotFound; as ReadPrivateFile; as SigningKey::FromPem; each names the file.
  absl::StatusOr<SigningKey> Load(const std::string& file, absl::string_view name,
                                  KeyAlgorithm algorithm = KeyAlgorithm::kEd25519) const;
  // Any private key as unencrypted PKCS#8 PEM text, which the caller keeps in memory alone. Errors: as Load.
  absl::StatusOr<std::string> ReadPem(const std::string& file) const;
  // Writes a new key into the folder, encrypted if there is a passphrase. Errors: AlreadyExists; as Load for
  // the passphrase; as StatusOfErrno.
  absl::Status Save(const SigningKey& key, const std::string& file) const;
  // Encrypts the folder's key `file` with the passphrase; nothing is done if it is encrypted already. A
  // killed call leaves the file as it was or encrypted. Errors: FailedPrecondition without a passphrase file;
  // as Load.
  absl::Status Encrypt(const std::string& file) const;

  // Files of the keys that a purpose has had: `stem`.key, then `stem`-2.key, `stem`-3.key, ... as far as
  // there are any, in this order. Errors: as StatusOfErrno.
  absl::StatusOr<std::vector<std::string>> FilesOf(absl::string_view stem) const;
  // The file name for one key more of that purpose. Errors: as FilesOf.
  absl::StatusOr<std::string> NextFileOf(absl::string_view stem) const;

  // The folders beside `folder` that a sandbox must leave readable.
  std::vector<std::string> OtherFolders() const;

 private:
  absl::StatusOr<std::string> Read(const std::string& file) const;
  absl::StatusOr<std::string> Passphrase() const;
};

}  // namespace consort

#endif  // CONSORT_COMMON_CRYPTO_KEY_SOURCE_H_
