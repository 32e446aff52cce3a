// Serves NodeControlService on the connections that the control socket lets in.
#ifndef CONSORT_NODE_RPC_CONTROL_SERVICE_H_
#define CONSORT_NODE_RPC_CONTROL_SERVICE_H_

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "consort/v1/control.pb.h"

namespace consort::node {

class ControlServer {
 public:
  // What the daemon answers. Called on gRPC's threads; each blocks for a bounded time. Errors go to the
  // caller; a call that is not set is not implemented.
  struct Calls {
    std::function<absl::StatusOr<v1::NodeStatus>()> status;
    std::function<absl::Status(const v1::ResolveIncidentRequest&)> resolve_incident;
    std::function<absl::StatusOr<v1::EntryOutcome>(const std::string& envelope)> submit_staff_entry;
  };

  // Errors: as ControlSocket::Open; Internal if gRPC does not start.
  static absl::StatusOr<std::unique_ptr<ControlServer>> Start(const std::string& socket_path,
                                                              absl::flat_hash_set<uid_t> allowed,
                                                              Calls calls);
  ~ControlServer();

 private:
  struct State;
  explicit ControlServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace consort::node

#endif  // CONSORT_NODE_RPC_CONTROL_SERVICE_H_
