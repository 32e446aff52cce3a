#include "node/rpc/control_client.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include "absl/strings/str_cat.h"
#include "common/rpc/deadlines.h"
#include "common/rpc/status_mapping.h"
#include "consort/v1/control.grpc.pb.h"

namespace consort::node {

absl::StatusOr<v1::NodeStatus> AskNodeStatus(const std::string& socket_path) {
  const auto channel =
      grpc::CreateChannel(absl::StrCat("unix:", socket_path), grpc::InsecureChannelCredentials());
  const auto stub = v1::NodeControlService::NewStub(channel);
  grpc::ClientContext context;
  SetDeadline(context);
  v1::NodeStatus response;
  const absl::Status status = FromGrpcStatus(stub->Status(&context, v1::NodeStatusRequest(), &response));
  if (status.ok()) return response;
  if (!absl::IsUnavailable(status)) return status;
  return absl::UnavailableError(
      absl::StrCat("no daemon answers at its control socket; start it with consort-node run, "
                   "as root or the daemon's user: ",
                   socket_path));
}

}  // namespace consort::node
