// X.509 for one federation: its certificate authority, member certificates with a SPIFFE id, requests.
#ifndef CONSORT_COMMON_CRYPTO_CERTIFICATE_H_
#define CONSORT_COMMON_CRYPTO_CERTIFICATE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/crypto/key_file.h"

namespace consort {

// An ECDSA P-256 private key for TLS, as PKCS#8 PEM text. Never logged.
absl::StatusOr<std::string> GenerateTlsKeyPem();

// A PKCS#10 request signed by `key_pem` with an empty subject. Errors: InvalidArgument for a bad key.
absl::StatusOr<std::string> MakeCertificateRequest(absl::string_view key_pem);

// What a certificate says, as far as Consort cares.
struct CertificateFacts {
  std::string spiffe_id;  // the one URI in the SAN; empty if none
  std::vector<std::string> dns_names;
  std::vector<std::string> ip_addresses;
  std::string fingerprint;              // SHA-256 of the DER, hex
  std::string issuer_fingerprint_hint;  // authority key id, hex
  absl::Time not_before;
  absl::Time not_after;
  bool is_authority = false;
};
// Reads the first certificate of `pem`. Errors: InvalidArgument.
absl::StatusOr<CertificateFacts> ReadCertificate(absl::string_view pem);

// Checks that the first certificate of `pem` chains to `ca_pem` at `when`. Errors: Unauthenticated with the
// reason.
absl::Status VerifyChain(absl::string_view pem, absl::string_view ca_pem, absl::Time when);

// Checks that the first certificate of `pem` is for the private key `key_pem`. Errors: InvalidArgument.
absl::Status CheckKeyOfCertificate(absl::string_view pem, absl::string_view key_pem);

// A federation's authority: issues and renews. Holds the key in memory; cannot be copied.
class CertificateAuthority {
 public:
  struct Subject {
    std::string spiffe_id;                  // required
    std::vector<std::string> dns_names;     // servers only
    std::vector<std::string> ip_addresses;  // servers only
    absl::Duration validity = absl::Hours(24 * 365);
    absl::Duration backdate = absl::Minutes(5);  // for members whose clock is behind
  };

  // Makes a new authority, valid for 10 years.
  static absl::StatusOr<CertificateAuthority> Create(absl::string_view federation, absl::Time now);
  // Errors: NotFound, InvalidArgument, PermissionDenied (key readable by others).
  static absl::StatusOr<CertificateAuthority> Load(const std::string& certificate_path,
                                                   const std::string& key_path);
  // The same from PEM text, the key unencrypted. Errors: InvalidArgument.
  static absl::StatusOr<CertificateAuthority> FromPem(absl::string_view certificate_pem,
                                                      absl::string_view key_pem);
  // Writes both, the key with mode 0600, synced. Errors: AlreadyExists, Internal.
  absl::Status Save(const std::string& certificate_path, const std::string& key_path) const;

  // Issues a certificate for the public key of `request_pem`; only `subject` decides what it says. Good for
  // clients, and for servers if it has DNS names or addresses. Errors: InvalidArgument if the request's own
  // signature fails or its key is not P-256.
  absl::StatusOr<std::string> Issue(absl::string_view request_pem, const Subject& subject,
                                    absl::Time now) const;

  const std::string& certificate_pem() const { return certificate_pem_; }
  // SHA-256 of the DER, hex: what an invitation pins.
  absl::StatusOr<std::string> Fingerprint() const;

 private:
  CertificateAuthority() = default;
  std::string certificate_pem_;
  std::string key_pem_;
};

}  // namespace consort

#endif  // CONSORT_COMMON_CRYPTO_CERTIFICATE_H_
