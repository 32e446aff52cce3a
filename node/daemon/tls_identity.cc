#include "node/daemon/tls_identity.h"

#include "absl/strings/str_cat.h"
#include "common/crypto/key_file.h"
#include "common/status/macros.h"

namespace consort::node {

absl::StatusOr<TlsFiles> NewestTlsFiles(const TlsFiles& enrolled, const std::string& identity_path) {
  const absl::StatusOr<std::string> renewed = ReadPublicFile(identity_path);
  if (!renewed.ok() && !absl::IsNotFound(renewed.status())) return renewed.status();
  const absl::StatusOr<std::string> first = ReadPublicFile(enrolled.certificate_path);
  if (!renewed.ok()) {
    RETURN_IF_ERROR(first.status());
    return enrolled;
  }
  const TlsFiles both{identity_path, identity_path};
  if (!first.ok()) return both;
  ASSIGN_OR_RETURN(const CertificateFacts renewed_facts, ReadCertificate(*renewed));
  ASSIGN_OR_RETURN(const CertificateFacts first_facts, ReadCertificate(*first));
  return first_facts.not_before > renewed_facts.not_before ? enrolled : both;
}

absl::StatusOr<CertificateFacts> PrepareTlsIdentity(const TlsFiles& enrolled,
                                                    const std::string& identity_path) {
  ASSIGN_OR_RETURN(const TlsFiles newest, NewestTlsFiles(enrolled, identity_path));
  ASSIGN_OR_RETURN(const std::string certificate, ReadPublicFile(newest.certificate_path));
  ASSIGN_OR_RETURN(const std::string key, ReadPrivateFile(newest.key_path));
  if (newest.certificate_path != identity_path)
    RETURN_IF_ERROR(SaveTlsIdentity(identity_path, key, certificate));
  return ReadCertificate(certificate);
}

absl::Status SaveTlsIdentity(const std::string& identity_path, absl::string_view key_pem,
                             absl::string_view chain_pem) {
  RETURN_IF_ERROR(CheckKeyOfCertificate(chain_pem, key_pem));
  return ReplaceFile(identity_path, absl::StrCat(key_pem, chain_pem), 0600);
}

}  // namespace consort::node
