// Reading PEM text into OpenSSL's objects. Private to common/crypto.
#ifndef CONSORT_COMMON_CRYPTO_PEM_H_
#define CONSORT_COMMON_CRYPTO_PEM_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/openssl_handles.h"

namespace consort::openssl {

// The first certificate of `pem`. Errors: InvalidArgument.
absl::StatusOr<Certificate> ParseCertificate(absl::string_view pem);
// The first private key of `pem`. Errors: InvalidArgument; an encrypted key is one.
absl::StatusOr<Key> ParseKey(absl::string_view pem);

}  // namespace consort::openssl

#endif  // CONSORT_COMMON_CRYPTO_PEM_H_
