#include "common/rpc/peer_identity.h"

#include <grpc/grpc_security_constants.h>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/certificate.h"
#include "common/status/macros.h"

namespace consort {

absl::StatusOr<std::optional<PeerIdentity>> IdentifyPeer(const grpc::AuthContext& context,
                                                         absl::string_view federation) {
  const auto certificates = context.FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  if (certificates.empty()) return std::optional<PeerIdentity>();
  // The certificate itself is read, not gRPC's derived properties: one parser decides who somebody is.
  const auto facts = ReadCertificate(absl::string_view(certificates[0].data(), certificates[0].size()));
  if (!facts.ok()) return absl::UnauthenticatedError(facts.status().message());
  auto member = ParseSpiffeId(facts->spiffe_id);
  if (!member.ok()) return absl::UnauthenticatedError(member.status().message());
  if (member->federation != federation) {
    return absl::UnauthenticatedError(
        absl::StrCat("certificate is of another federation; enrol here first: found '", member->federation,
                     "', expected '", federation, "'"));
  }
  return std::optional<PeerIdentity>(PeerIdentity{*std::move(member), facts->fingerprint, facts->not_before});
}

}  // namespace consort
