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
  explicit Service(ControlServer::StatusOfNode status) : status_(std::move(status)) {}

  grpc::Status Status(grpc::ServerContext*, const v1::NodeStatusRequest*, v1::NodeStatus* response) override {
    auto status = status_();
    if (!status.ok()) return ToGrpcStatus(status.status());
    *response = *std::move(status);
    return grpc::Status::OK;
  }

 private:
  const ControlServer::StatusOfNode status_;
};

}  // namespace

struct ControlServer::State {
  explicit State(StatusOfNode status) : service(std::move(status)) {}
  Service service;
  std::unique_ptr<grpc::Server> server;
  std::unique_ptr<ControlSocket> socket;
};

ControlServer::ControlServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

absl::StatusOr<std::unique_ptr<ControlServer>> ControlServer::Start(const std::string& socket_path,
                                                                    absl::flat_hash_set<uid_t> allowed,
                                                                    StatusOfNode status) {
  auto state = std::make_unique<State>(std::move(status));
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
