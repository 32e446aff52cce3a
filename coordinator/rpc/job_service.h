// JobService: what researchers and operators ask of the round engine.
#ifndef CONSORT_COORDINATOR_RPC_JOB_SERVICE_H_
#define CONSORT_COORDINATOR_RPC_JOB_SERVICE_H_

#include <grpcpp/impl/codegen/service_type.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/sync/executor.h"
#include "coordinator/enrol/member_directory.h"
#include "coordinator/rounds/engine.h"

namespace consort::coordinator {

// All borrowed; they outlive the server, and the executor runs until it has shut down.
struct JobParts {
  std::string federation;
  RoundEngine& engine;
  MemberDirectory& directory;  // a revoked member's watch ends at once
  Executor& executor;          // the control executor
  // Renders a job's report; called on the control executor. Errors: NotFound; Internal.
  std::function<absl::StatusOr<std::string>(const std::string& job_id)> report;
};

std::unique_ptr<grpc::Service> MakeJobService(JobParts parts);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_RPC_JOB_SERVICE_H_
