// Reading PEM text into OpenSSL's objects. Private to common/crypto.
#ifndef CONSORT_COMMON_CRYPTO_PEM_H_
#define CONSORT_COMMON_CRYPTO_PEM_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/openssl_handles.h"

namespace consort::openssl {

// The first certificate of `pem`. Errors: InvalidArgument.
absl::StatusOr<Certificate> ParseCertificate(absl::string_view pem);
// The first private key of `pem`, which `passphrase` opens if it is encrypted. Errors: InvalidArgument;
// PermissionDenied if it is encrypted and `passphrase` is empty or another.
absl::StatusOr<Key> ParseKey(absl::string_view pem, absl::string_view passphrase = "");
// The key as PKCS#8 PEM text, encrypted unless `passphrase` is empty: AES-256 under a key that PBKDF2
// (RFC 8018) makes of it. The caller wipes it. Errors: Internal.
absl::StatusOr<std::string> SpellKey(const Key& key, absl::string_view passphrase);

}  // namespace consort::openssl

#endif  // CONSORT_COMMON_CRYPTO_PEM_H_
