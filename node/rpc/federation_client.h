// Asks the coordinator how the federation is: the smallest call that needs everything in between to work.
#ifndef CONSORT_NODE_RPC_FEDERATION_CLIENT_H_
#define CONSORT_NODE_RPC_FEDERATION_CLIENT_H_

#include "absl/status/statusor.h"
#include "common/rpc/client_channel.h"
#include "consort/v1/federation.pb.h"

namespace consort::node {

// One call on a connection of its own. Errors: Unavailable; Unauthenticated, PermissionDenied for a revoked
// member.
absl::StatusOr<v1::FederationStatus> AskFederationStatus(const ChannelOptions& options);

}  // namespace consort::node

#endif  // CONSORT_NODE_RPC_FEDERATION_CLIENT_H_
