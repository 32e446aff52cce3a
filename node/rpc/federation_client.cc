#include "node/rpc/federation_client.h"

#include <grpcpp/client_context.h>

#include "common/rpc/deadlines.h"
#include "common/rpc/status_mapping.h"
#include "common/status/macros.h"
#include "consort/v1/federation.grpc.pb.h"

namespace consort::node {

absl::StatusOr<v1::FederationStatus> AskFederationStatus(const ChannelOptions& options) {
  ASSIGN_OR_RETURN(const auto channel, OpenChannel(options));
  const auto stub = v1::FederationService::NewStub(channel);
  grpc::ClientContext context;
  SetDeadline(context);
  v1::FederationStatus response;
  RETURN_IF_ERROR(FromGrpcStatus(stub->Status(&context, v1::FederationStatusRequest(), &response)));
  return response;
}

}  // namespace consort::node
