// Ed25519 keys in the two roles the ledger knows, named as C2SP signed notes name them.
#ifndef CONSORT_COMMON_CRYPTO_SIGNING_KEY_H_
#define CONSORT_COMMON_CRYPTO_SIGNING_KEY_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace consort {

// The algorithm byte of a C2SP verifier key.
enum class KeyAlgorithm : uint8_t {
  kEd25519 = 0x01,        // notes and entries
  kCosignatureV1 = 0x04,  // timestamped checkpoint cosignatures
};

// A public key with its name: `name+8 hex digits+base64(algorithm byte || 32 bytes)`. Immutable value.
class VerifierKey {
 public:
  // Errors: InvalidArgument unless `vkey` is spelled canonically, names a known algorithm and its id fits.
  static absl::StatusOr<VerifierKey> Parse(absl::string_view vkey);
  // Errors: InvalidArgument for a name with white space or '+', or a key that is not 32 bytes.
  static absl::StatusOr<VerifierKey> Create(absl::string_view name, KeyAlgorithm algorithm,
                                            absl::string_view public_key);

  const std::string& name() const { return name_; }
  KeyAlgorithm algorithm() const { return algorithm_; }
  const std::string& public_key() const { return public_key_; }
  // First 4 bytes of SHA-256(name || LF || algorithm || public key).
  const std::string& id() const { return id_; }
  // `name+8 hex`: the keyid of DSSE signatures.
  std::string KeyId() const;
  std::string ToString() const;

  // Checks an Ed25519 signature (64 bytes) over `message` exactly as given.
  bool Verify(absl::string_view message, absl::string_view signature) const;

  bool operator==(const VerifierKey& other) const { return ToString() == other.ToString(); }

 private:
  VerifierKey() = default;

  std::string name_;
  KeyAlgorithm algorithm_ = KeyAlgorithm::kEd25519;
  std::string public_key_;
  std::string id_;
};

// Checks an Ed25519 signature by a bare public key of 32 bytes.
bool Ed25519Verify(absl::string_view public_key, absl::string_view message, absl::string_view signature);

// A private key. Cannot be printed or copied; its memory is wiped. Thread-safe after construction.
class SigningKey {
 public:
  static SigningKey Generate(absl::string_view name, KeyAlgorithm algorithm = KeyAlgorithm::kEd25519);
  // For known answers in tests. Errors: InvalidArgument unless `seed` is 32 bytes.
  static absl::StatusOr<SigningKey> FromSeed(absl::string_view name, KeyAlgorithm algorithm,
                                             absl::string_view seed);
  // Reads an unencrypted PKCS#8 PEM file; programs use KeySource (key_source.h). Errors: as ReadPrivateFile
  // and FromPem.
  static absl::StatusOr<SigningKey> Load(const std::string& path, absl::string_view name,
                                         KeyAlgorithm algorithm = KeyAlgorithm::kEd25519);
  // The key that `pem` (PKCS#8) holds, which `passphrase` opens if it is encrypted. Errors: InvalidArgument
  // if it is not an Ed25519 key; PermissionDenied for an encrypted one that `passphrase` does not open.
  static absl::StatusOr<SigningKey> FromPem(absl::string_view pem, absl::string_view passphrase,
                                            absl::string_view name,
                                            KeyAlgorithm algorithm = KeyAlgorithm::kEd25519);
  // Writes a new PKCS#8 PEM file with mode 0600, synced; encrypted unless `passphrase` is empty. Errors:
  // AlreadyExists; Internal with the system's reason.
  absl::Status Save(const std::string& path, absl::string_view passphrase = "") const;

  ~SigningKey();
  SigningKey(SigningKey&&) noexcept;
  SigningKey& operator=(SigningKey&&) noexcept;

  const VerifierKey& verifier() const;
  // 64 bytes over `message` exactly as given.
  std::string Sign(absl::string_view message) const;

 private:
  struct State;
  explicit SigningKey(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace consort

#endif  // CONSORT_COMMON_CRYPTO_SIGNING_KEY_H_
