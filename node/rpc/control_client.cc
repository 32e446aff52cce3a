#include "node/rpc/control_client.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "common/rpc/deadlines.h"
#include "common/rpc/status_mapping.h"
#include "common/status/macros.h"
#include "consort/v1/control.grpc.pb.h"

namespace consort::node {

namespace {

std::unique_ptr<v1::NodeControlService::Stub> StubFor(const std::string& socket_path) {
  return v1::NodeControlService::NewStub(
      grpc::CreateChannel(absl::StrCat("unix:", socket_path), grpc::InsecureChannelCredentials()));
}

// A daemon that cannot do it now says so itself; one that is not there says nothing.
absl::Status Explain(const grpc::Status& finished, const std::string& socket_path) {
  const absl::Status status = FromGrpcStatus(finished);
  if (!absl::IsUnavailable(status)) return status;
  RETURN_IF_ERROR(AskNodeStatus(socket_path).status());
  return status;
}

}  // namespace

absl::StatusOr<v1::NodeStatus> AskNodeStatus(const std::string& socket_path) {
  grpc::ClientContext context;
  SetDeadline(context);
  v1::NodeStatus response;
  const absl::Status status =
      FromGrpcStatus(StubFor(socket_path)->Status(&context, v1::NodeStatusRequest(), &response));
  if (status.ok()) return response;
  if (!absl::IsUnavailable(status)) return status;
  return absl::UnavailableError(
      absl::StrCat("no daemon answers at its control socket; start it with consort-node run, "
                   "as root or the daemon's user: ",
                   socket_path));
}

absl::Status ResolveNodeIncident(const std::string& socket_path, const v1::ResolveIncidentRequest& request) {
  grpc::ClientContext context;
  SetDeadline(context);
  v1::ResolveIncidentResponse response;
  return Explain(StubFor(socket_path)->ResolveIncident(&context, request, &response), socket_path);
}

absl::StatusOr<v1::EntryOutcome> SubmitStaffEntry(const std::string& socket_path,
                                                  const std::string& envelope) {
  grpc::ClientContext context;
  SetDeadline(context);
  v1::SubmitStaffEntryRequest request;
  request.set_envelope(envelope);
  v1::SubmitStaffEntryResponse response;
  RETURN_IF_ERROR(Explain(StubFor(socket_path)->SubmitStaffEntry(&context, request, &response), socket_path));
  return response.outcome();
}

}  // namespace consort::node
