// Who is at the other end of a call, from the certificate of the handshake and nothing else.
#ifndef CONSORT_COMMON_RPC_PEER_IDENTITY_H_
#define CONSORT_COMMON_RPC_PEER_IDENTITY_H_

#include <grpcpp/security/auth_context.h>

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rpc/member_id.h"

namespace consort {

struct PeerIdentity {
  MemberId member;
  std::string certificate_fingerprint;  // SHA-256 of the DER, hex
  absl::Time certificate_not_before;    // tells certificates of an earlier enrolment from today's
};

// Returns the peer of a call, or nothing for a peer without a certificate. `context` comes from the call's
// server context. Errors: Unauthenticated if there is a certificate whose identity is not a member of
// `federation`.
absl::StatusOr<std::optional<PeerIdentity>> IdentifyPeer(const grpc::AuthContext& context,
                                                         absl::string_view federation);

}  // namespace consort

#endif  // CONSORT_COMMON_RPC_PEER_IDENTITY_H_
