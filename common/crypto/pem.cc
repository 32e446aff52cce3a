#include "common/crypto/pem.h"

#include <openssl/pem.h>

namespace consort::openssl {

absl::StatusOr<Certificate> ParseCertificate(absl::string_view pem) {
  Certificate certificate(PEM_read_bio_X509(ReadFrom(pem).get(), nullptr, NoPassphrase, nullptr));
  if (certificate == nullptr)
    return absl::InvalidArgumentError("text holds no PEM certificate that can be read");
  return certificate;
}

absl::StatusOr<Key> ParseKey(absl::string_view pem) {
  Key key(PEM_read_bio_PrivateKey(ReadFrom(pem).get(), nullptr, NoPassphrase, nullptr));
  if (key == nullptr) return absl::InvalidArgumentError("text holds no unencrypted private key in PEM");
  return key;
}

}  // namespace consort::openssl
