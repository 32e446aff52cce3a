#include "common/crypto/signing_key.h"

#include <openssl/crypto.h>
#include <openssl/pem.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/crypto/key_file.h"
#include "common/crypto/openssl_handles.h"
#include "common/crypto/pem.h"
#include "common/status/macros.h"

namespace consort {
namespace {

constexpr size_t kSeedBytes = 32;
constexpr size_t kSignatureBytes = 64;

[[noreturn]] void GiveUp(const char* reason) {
  std::fputs(reason, stderr);
  std::abort();
}

absl::StatusOr<VerifierKey> VerifierOf(const openssl::Key& key, absl::string_view name,
                                       KeyAlgorithm algorithm) {
  std::string public_key(32, '\0');
  size_t size = public_key.size();
  if (EVP_PKEY_get_id(key.get()) != EVP_PKEY_ED25519 ||
      EVP_PKEY_get_raw_public_key(key.get(), reinterpret_cast<unsigned char*>(public_key.data()), &size) !=
          1) {
    return absl::InvalidArgumentError(
        absl::StrCat("signing key must be an Ed25519 key; found another for ", name));
  }
  return VerifierKey::Create(name, algorithm, public_key);
}

}  // namespace

struct SigningKey::State {
  openssl::Key key;  // OpenSSL clears the private part when it frees it
  VerifierKey verifier;
};

SigningKey::SigningKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
SigningKey::~SigningKey() = default;
SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;

SigningKey SigningKey::Generate(absl::string_view name, KeyAlgorithm algorithm) {
  openssl::Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  if (key == nullptr) GiveUp("no Ed25519 key could be made: OpenSSL gave none\n");
  auto verifier = VerifierOf(key, name, algorithm);
  if (!verifier.ok()) GiveUp("a signing key was asked for under a name that no key may have\n");
  return SigningKey(std::make_unique<State>(State{std::move(key), *std::move(verifier)}));
}

absl::StatusOr<SigningKey> SigningKey::FromSeed(absl::string_view name, KeyAlgorithm algorithm,
                                                absl::string_view seed) {
  if (seed.size() != kSeedBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("an Ed25519 seed is ", kSeedBytes, " bytes; found ", seed.size()));
  }
  openssl::Key key(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, openssl::Bytes(seed), seed.size()));
  if (key == nullptr) return absl::InternalError("OpenSSL made no Ed25519 key from the seed");
  ASSIGN_OR_RETURN(VerifierKey verifier, VerifierOf(key, name, algorithm));
  return SigningKey(std::make_unique<State>(State{std::move(key), std::move(verifier)}));
}

absl::StatusOr<SigningKey> SigningKey::Load(const std::string& path, absl::string_view name,
                                            KeyAlgorithm algorithm) {
  ASSIGN_OR_RETURN(std::string pem, ReadPrivateFile(path));
  absl::StatusOr<SigningKey> key = FromPem(pem, "", name, algorithm);
  OPENSSL_cleanse(pem.data(), pem.size());
  if (key.ok()) return key;
  return absl::Status(key.status().code(), absl::StrCat(key.status().message(), ": ", path));
}

absl::StatusOr<SigningKey> SigningKey::FromPem(absl::string_view pem, absl::string_view passphrase,
                                               absl::string_view name, KeyAlgorithm algorithm) {
  const openssl::ErrorScope errors;
  ASSIGN_OR_RETURN(openssl::Key key, openssl::ParseKey(pem, passphrase));
  ASSIGN_OR_RETURN(VerifierKey verifier, VerifierOf(key, name, algorithm));
  return SigningKey(std::make_unique<State>(State{std::move(key), std::move(verifier)}));
}

absl::Status SigningKey::Save(const std::string& path, absl::string_view passphrase) const {
  const openssl::ErrorScope errors;
  ASSIGN_OR_RETURN(std::string pem, openssl::SpellKey(state_->key, passphrase));
  absl::Status status = WriteNewFile(path, pem, 0600);
  OPENSSL_cleanse(pem.data(), pem.size());
  return status;
}

const VerifierKey& SigningKey::verifier() const { return state_->verifier; }

std::string SigningKey::Sign(absl::string_view message) const {
  std::string signature(kSignatureBytes, '\0');
  size_t size = signature.size();
  const openssl::DigestContext context(EVP_MD_CTX_new());
  if (context == nullptr ||
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, state_->key.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     openssl::Bytes(message), message.size()) != 1) {
    GiveUp("an Ed25519 signature failed: OpenSSL is broken or out of memory\n");
  }
  return signature;
}

}  // namespace consort
