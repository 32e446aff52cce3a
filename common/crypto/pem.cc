#include "common/crypto/pem.h"

#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include <cstring>

#include "absl/strings/match.h"

namespace consort::openssl {
namespace {

using KeyInfo = Handle<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free>;
using EncryptedKey = Handle<X509_SIG, X509_SIG_free>;

// A guess at the passphrase costs a thief a quarter of a second of our own processor, and us one at start.
constexpr int kPbkdf2Rounds = 600'000;

int GivePassphrase(char* buffer, int size, int, void* user) {
  const auto& passphrase = *static_cast<const absl::string_view*>(user);
  if (passphrase.empty() || passphrase.size() > static_cast<size_t>(size)) return -1;
  std::memcpy(buffer, passphrase.data(), passphrase.size());
  return static_cast<int>(passphrase.size());
}

bool IsEncrypted(absl::string_view pem) {
  return absl::StrContains(pem, "-----BEGIN ENCRYPTED PRIVATE KEY-----");
}

}  // namespace

absl::StatusOr<Certificate> ParseCertificate(absl::string_view pem) {
  Certificate certificate(PEM_read_bio_X509(ReadFrom(pem).get(), nullptr, NoPassphrase, nullptr));
  if (certificate == nullptr)
    return absl::InvalidArgumentError("text holds no PEM certificate that can be read");
  return certificate;
}

absl::StatusOr<Key> ParseKey(absl::string_view pem, absl::string_view passphrase) {
  Key key(PEM_read_bio_PrivateKey(ReadFrom(pem).get(), nullptr, GivePassphrase, &passphrase));
  if (key != nullptr) return key;
  if (!IsEncrypted(pem)) return absl::InvalidArgumentError("text holds no private key in PKCS#8 PEM");
  return absl::PermissionDeniedError(
      passphrase.empty()
          ? "private key is encrypted; name the file of its passphrase in [keys] passphrase_file"
          : "private key is encrypted with another passphrase than [keys] passphrase_file holds");
}

absl::StatusOr<std::string> SpellKey(const Key& key, absl::string_view passphrase) {
  const absl::Status failed = absl::InternalError("OpenSSL did not encode the private key");
  const Bio bio(BIO_new(BIO_s_secmem()));
  if (bio == nullptr) return failed;
  if (passphrase.empty()) {
    if (PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
      return failed;
    return Written(bio);
  }
  const KeyInfo info(EVP_PKEY2PKCS8(key.get()));
  if (info == nullptr) return failed;
  const EncryptedKey encrypted(PKCS8_encrypt(-1, EVP_aes_256_cbc(), passphrase.data(),
                                             static_cast<int>(passphrase.size()), nullptr, 0, kPbkdf2Rounds,
                                             info.get()));
  if (encrypted == nullptr || PEM_write_bio_PKCS8(bio.get(), encrypted.get()) != 1) return failed;
  return Written(bio);
}

}  // namespace consort::openssl
