// The coordinator's one port.
#ifndef CONSORT_COORDINATOR_RPC_COORDINATOR_SERVER_H_
#define CONSORT_COORDINATOR_RPC_COORDINATOR_SERVER_H_

#include <grpcpp/impl/codegen/service_type.h>
#include <grpcpp/server.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/server_credentials.h"
#include "coordinator/enrol/member_directory.h"

namespace consort::coordinator {

class CoordinatorServer {
 public:
  struct Options {
    std::string listen;  // HOST:PORT; port 0 takes a free one
    std::string federation;
    ServerTlsFiles tls;
  };
  // Serves `services`, health and reflection over TLS, every call authorised. Health says "not serving" until
  // SetServing. All borrowed; they outlive this. Errors: NotFound for missing TLS files; Unavailable if the
  // address cannot be listened on (taken, or not ours).
  static absl::StatusOr<std::unique_ptr<CoordinatorServer>> Start(
      const Options& options, const MemberDirectory& directory, const std::vector<grpc::Service*>& services);
  ~CoordinatorServer();

  int port() const { return port_; }
  void SetServing(bool serving);
  // Takes no new call, lets open ones end for `limit`, cancels the rest and waits for them. Not on the
  // control executor: calls finish there.
  void Shutdown(absl::Duration limit);

 private:
  CoordinatorServer() = default;

  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_RPC_COORDINATOR_SERVER_H_
