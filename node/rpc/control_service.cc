#include "node/rpc/control_service.h"

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/server_posix.h>

#include <chrono>
#include <utility>

#include "common/rpc/status_mapping.h"
#include "common/status/macros.h"
#include "consort/v1/control.grpc.pb.h"
#include "node/control/control_socket.h"

namespace consort::node {
namespace {

constexpr std::chrono::seconds kDrainWithin(2);  // status calls that are under way when the daemon ends

class Service : public v1::NodeControlService::Service {
 public:
  explicit Service(ControlServer::Calls calls) : calls_(std::move(calls)) {}

  grpc::Status Status(grpc::ServerContext*, const v1::NodeStatusRequest*, v1::NodeStatus* response) override {
    if (!calls_.status) return NotServed();
    auto status = calls_.status();
    if (!status.ok()) return ToGrpcStatus(status.status());
    *response = *std::move(status);
    return grpc::Status::OK;
  }

  grpc::Status ResolveIncident(grpc::ServerContext*, const v1::ResolveIncidentRequest* request,
                               v1::ResolveIncidentResponse*) override {
    return calls_.resolve_incident ? ToGrpcStatus(calls_.resolve_incident(*request)) : NotServed();
  }

  grpc::Status SubmitStaffEntry(grpc::ServerContext*, const v1::SubmitStaffEntryRequest* request,
                                v1::SubmitStaffEntryResponse* response) override {
    if (!calls_.submit_staff_entry) return NotServed();
    auto outcome = calls_.submit_staff_entry(request->envelope());
    if (!outcome.ok()) return ToGrpcStatus(outcome.status());
    *response->mutable_outcome() = *std::move(outcome);
    return grpc::Status::OK;
  }

 private:
  static grpc::Status NotServed() {
    return ToGrpcStatus(absl::UnimplementedError("this daemon does not serve that call"));
  }

  const ControlServer::Calls calls_;
};

}  // namespace

struct ControlServer::State {
  explicit State(Calls calls) : service(std::move(calls)) {}
  Service service;
  std::unique_ptr<grpc::Server> server;
  std::unique_ptr<ControlSocket> socket;
};

ControlServer::ControlServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

absl::StatusOr<std::unique_ptr<ControlServer>> ControlServer::Start(const std::string& socket_path,
                                                                    absl::flat_hash_set<uid_t> allowed,
                                                                    Calls calls) {
  auto state = std::make_unique<State>(std::move(calls));
  grpc::ServerBuilder builder;
  builder.RegisterService(&state->service);
  state->server = builder.BuildAndStart();
  if (state->server == nullptr) return absl::InternalError("the control service did not start");
  grpc::Server* server = state->server.get();
  ASSIGN_OR_RETURN(state->socket,
                   ControlSocket::Open(socket_path, std::move(allowed), [server](int descriptor) {
                     grpc::AddInsecureChannelFromFd(server, descriptor);
                   }));
  return std::unique_ptr<ControlServer>(new ControlServer(std::move(state)));
}

ControlServer::~ControlServer() {
  state_->socket.reset();  // nobody new
  state_->server->Shutdown(std::chrono::system_clock::now() + kDrainWithin);
}

}  // namespace consort::node
