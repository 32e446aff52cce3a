// Filling in an X.509 certificate, field by field. Private to common/crypto.
//
// Where a bool is returned, false is lack of memory or our own mistake: nothing that a caller's input
// decides.
#ifndef CONSORT_COMMON_CRYPTO_CERTIFICATE_FIELDS_H_
#define CONSORT_COMMON_CRYPTO_CERTIFICATE_FIELDS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/crypto/openssl_handles.h"

namespace consort::openssl {

// Says whether `text` has letters, digits and the given punctuation only, and at least one of them.
bool IsNameText(absl::string_view text, absl::string_view punctuation);

// Version, a random serial number, dates and public key.
bool Fill(X509* certificate, EVP_PKEY* key, absl::Time from, absl::Time until);

// O and CN, for people who look at the certificate; nobody decides by them. Cut to what X.509 allows.
bool SetSubject(X509* certificate, absl::string_view organization, absl::string_view common_name);

// Adds an extension in OpenSSL's configuration syntax: constants only, never text from outside.
bool AddExtension(X509* certificate, X509* issuer, int nid, const char* value);

// Adds the subject alternative names. Errors: InvalidArgument for what is no DNS name or IP address;
// Internal.
absl::Status AddAlternativeNames(X509* certificate, const std::string& uri,
                                 const std::vector<std::string>& dns_names,
                                 const std::vector<std::string>& ip_addresses);

}  // namespace consort::openssl

#endif  // CONSORT_COMMON_CRYPTO_CERTIFICATE_FIELDS_H_
