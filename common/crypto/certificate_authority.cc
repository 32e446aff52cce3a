#include <openssl/pem.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/crypto/certificate.h"
#include "common/crypto/certificate_fields.h"
#include "common/crypto/openssl_handles.h"
#include "common/crypto/pem.h"
#include "common/status/macros.h"

namespace consort {
namespace {

constexpr absl::string_view kSpiffeScheme = "spiffe://";
constexpr absl::Duration kAuthorityValidity = absl::Hours(24 * 3652);  // 10 years with their leap days

absl::StatusOr<std::string> SignedPem(X509* certificate, EVP_PKEY* key) {
  const openssl::Bio bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr || X509_sign(certificate, key, EVP_sha256()) <= 0 ||
      PEM_write_bio_X509(bio.get(), certificate) != 1) {
    return absl::InternalError("OpenSSL did not sign the certificate");
  }
  return openssl::Written(bio);
}

// The public key of a request whose own signature holds: proof that the asker has the private key.
absl::StatusOr<openssl::Key> RequestedKey(absl::string_view request_pem) {
  const openssl::Request request(
      PEM_read_bio_X509_REQ(openssl::ReadFrom(request_pem).get(), nullptr, openssl::NoPassphrase, nullptr));
  if (request == nullptr) return absl::InvalidArgumentError("text holds no certificate request in PEM");
  openssl::Key key(X509_REQ_get_pubkey(request.get()));
  char group[32] = {};
  if (key == nullptr || EVP_PKEY_get_group_name(key.get(), group, sizeof group, nullptr) != 1 ||
      absl::string_view(group) != "prime256v1") {
    return absl::InvalidArgumentError("certificate request must carry an ECDSA P-256 key");
  }
  if (X509_REQ_verify(request.get(), key.get()) != 1) {
    return absl::InvalidArgumentError("certificate request is not signed by the key that it carries");
  }
  return key;
}

}  // namespace

absl::StatusOr<CertificateAuthority> CertificateAuthority::Create(absl::string_view federation,
                                                                  absl::Time now) {
  if (!openssl::IsNameText(federation, "-._")) {
    return absl::InvalidArgumentError("federation's name may hold letters, digits, '-', '.' and '_' only");
  }
  CertificateAuthority authority;
  ASSIGN_OR_RETURN(authority.key_pem_, GenerateTlsKeyPem());
  ASSIGN_OR_RETURN(const openssl::Key key, openssl::ParseKey(authority.key_pem_));
  const openssl::Certificate certificate(X509_new());
  X509* raw = certificate.get();
  if (raw == nullptr || !openssl::Fill(raw, key.get(), now - absl::Minutes(5), now + kAuthorityValidity) ||
      !openssl::SetSubject(raw, federation, absl::StrCat(federation, " authority")) ||
      X509_set_issuer_name(raw, X509_get_subject_name(raw)) != 1 ||
      !openssl::AddExtension(raw, raw, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
      !openssl::AddExtension(raw, raw, NID_key_usage, "critical,keyCertSign,cRLSign") ||
      !openssl::AddExtension(raw, raw, NID_subject_key_identifier, "hash") ||
      !openssl::AddExtension(raw, raw, NID_authority_key_identifier, "keyid:always")) {
    return absl::InternalError("OpenSSL did not make the authority's certificate");
  }
  RETURN_IF_ERROR(openssl::AddAlternativeNames(raw, absl::StrCat(kSpiffeScheme, federation), {}, {}));
  ASSIGN_OR_RETURN(authority.certificate_pem_, SignedPem(raw, key.get()));
  return authority;
}

absl::StatusOr<CertificateAuthority> CertificateAuthority::Load(const std::string& certificate_path,
                                                                const std::string& key_path) {
  ASSIGN_OR_RETURN(const std::string certificate_pem, ReadPublicFile(certificate_path));
  ASSIGN_OR_RETURN(const std::string key_pem, ReadPrivateFile(key_path));
  absl::StatusOr<CertificateAuthority> authority = FromPem(certificate_pem, key_pem);
  if (authority.ok()) return authority;
  return absl::Status(authority.status().code(),
                      absl::StrCat(authority.status().message(), ": ", certificate_path, ", ", key_path));
}

absl::StatusOr<CertificateAuthority> CertificateAuthority::FromPem(absl::string_view certificate_pem,
                                                                   absl::string_view key_pem) {
  const openssl::ErrorScope errors;
  CertificateAuthority authority;
  authority.certificate_pem_ = std::string(certificate_pem);
  authority.key_pem_ = std::string(key_pem);
  ASSIGN_OR_RETURN(const openssl::Certificate certificate, openssl::ParseCertificate(certificate_pem));
  ASSIGN_OR_RETURN(const openssl::Key key, openssl::ParseKey(key_pem));
  if (X509_check_ca(certificate.get()) != 1 || X509_check_private_key(certificate.get(), key.get()) != 1) {
    return absl::InvalidArgumentError(
        "authority's certificate and key do not belong together; restore both from one backup");
  }
  return authority;
}

absl::Status CertificateAuthority::Save(const std::string& certificate_path,
                                        const std::string& key_path) const {
  RETURN_IF_ERROR(WriteNewFile(key_path, key_pem_, 0600));
  return WriteNewFile(certificate_path, certificate_pem_, 0644);
}

absl::StatusOr<std::string> CertificateAuthority::Issue(absl::string_view request_pem, const Subject& subject,
                                                        absl::Time now) const {
  const openssl::ErrorScope errors;
  absl::string_view id = subject.spiffe_id;
  const bool is_spiffe = absl::ConsumePrefix(&id, kSpiffeScheme) && openssl::IsNameText(id, "-._/");
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(id, absl::MaxSplits('/', 1));
  if (!is_spiffe || parts.first.empty() || parts.second.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("a member's id must be spiffe://<federation>/<role>...; found ", subject.spiffe_id));
  }
  ASSIGN_OR_RETURN(const openssl::Key key, RequestedKey(request_pem));
  ASSIGN_OR_RETURN(const openssl::Key own_key, openssl::ParseKey(key_pem_));
  ASSIGN_OR_RETURN(const openssl::Certificate issuer, openssl::ParseCertificate(certificate_pem_));
  // A member that serves nothing gets no certificate with which it could pose as a server.
  const bool serves = !subject.dns_names.empty() || !subject.ip_addresses.empty();
  const openssl::Certificate certificate(X509_new());
  X509* raw = certificate.get();
  if (raw == nullptr || !openssl::Fill(raw, key.get(), now - subject.backdate, now + subject.validity) ||
      !openssl::SetSubject(raw, parts.first, parts.second) ||
      X509_set_issuer_name(raw, X509_get_subject_name(issuer.get())) != 1 ||
      !openssl::AddExtension(raw, issuer.get(), NID_basic_constraints, "critical,CA:FALSE") ||
      !openssl::AddExtension(raw, issuer.get(), NID_key_usage, "critical,digitalSignature") ||
      !openssl::AddExtension(raw, issuer.get(), NID_ext_key_usage,
                             serves ? "clientAuth,serverAuth" : "clientAuth") ||
      !openssl::AddExtension(raw, issuer.get(), NID_subject_key_identifier, "hash") ||
      !openssl::AddExtension(raw, issuer.get(), NID_authority_key_identifier, "keyid:always")) {
    return absl::InternalError("OpenSSL did not make the member's certificate");
  }
  RETURN_IF_ERROR(
      openssl::AddAlternativeNames(raw, subject.spiffe_id, subject.dns_names, subject.ip_addresses));
  return SignedPem(raw, own_key.get());
}

absl::StatusOr<std::string> CertificateAuthority::Fingerprint() const {
  ASSIGN_OR_RETURN(const CertificateFacts facts, ReadCertificate(certificate_pem_));
  return facts.fingerprint;
}

}  // namespace consort
