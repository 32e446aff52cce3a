#include "coordinator/rpc/authorisation.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "common/rpc/status_mapping.h"
#include "common/status/macros.h"
#include "coordinator/enrol/method_roles.h"

namespace consort::coordinator {

grpc::Status Authorisation::Process(const InputMetadata& metadata, grpc::AuthContext* context,
                                    OutputMetadata*, OutputMetadata*) {
  const auto path = metadata.find(":path");
  if (path == metadata.end()) return ToGrpcStatus(absl::InternalError("call names no method"));
  return ToGrpcStatus(Check({path->second.data(), path->second.size()}, *context));
}

absl::Status Authorisation::Check(absl::string_view method, const grpc::AuthContext& context) const {
  ASSIGN_OR_RETURN(const std::optional<PeerIdentity> peer, IdentifyPeer(context, federation_));
  if (!peer.has_value()) {
    if (MayCall(method, std::nullopt)) return absl::OkStatus();
    return absl::UnauthenticatedError(
        absl::StrCat("peer has no certificate; enrol with an invitation first: method ", method));
  }
  RETURN_IF_ERROR(directory_.Check(*peer));
  if (MayCall(method, peer->member.role)) return absl::OkStatus();
  return absl::PermissionDeniedError(
      absl::StrCat("role may not call this method; see docs/roles.md: ", RoleWord(peer->member.role), " ",
                   peer->member.name, ", method ", method));
}

absl::StatusOr<PeerIdentity> CallerOf(const grpc::ServerContextBase& context, absl::string_view federation) {
  ASSIGN_OR_RETURN(std::optional<PeerIdentity> peer, IdentifyPeer(*context.auth_context(), federation));
  if (!peer.has_value()) return absl::UnauthenticatedError("peer has no certificate");
  return *std::move(peer);
}

}  // namespace consort::coordinator
