// SessionService: the stream that every node opens and keeps.
#ifndef CONSORT_COORDINATOR_RPC_SESSION_SERVICE_H_
#define CONSORT_COORDINATOR_RPC_SESSION_SERVICE_H_

#include <grpcpp/impl/codegen/service_type.h>

#include <memory>
#include <string>

#include "common/sync/executor.h"
#include "coordinator/enrol/member_directory.h"
#include "coordinator/sessions/session_registry.h"

namespace consort::coordinator {

// All borrowed; they outlive the server, and the executor runs until it has shut down.
struct SessionParts {
  std::string federation;
  SessionRegistry& sessions;
  MemberDirectory& directory;  // a revoked archive's stream ends at once
  Executor& executor;          // the control executor
};

std::unique_ptr<grpc::Service> MakeSessionService(SessionParts parts);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_RPC_SESSION_SERVICE_H_
