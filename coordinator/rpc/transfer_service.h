// TransferService: artifacts in and out, updates in, and the removal of what nothing refers to.
#ifndef CONSORT_COORDINATOR_RPC_TRANSFER_SERVICE_H_
#define CONSORT_COORDINATOR_RPC_TRANSFER_SERVICE_H_

#include <grpcpp/impl/codegen/service_type.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "common/artifact/artifact_store.h"
#include "common/sync/executor.h"
#include "coordinator/enrol/member_directory.h"
#include "coordinator/rounds/blocking_runner.h"
#include "coordinator/rounds/update_intake.h"

namespace consort::coordinator {

// All borrowed; they outlive the server.
struct TransferParts {
  std::string federation;
  ArtifactStore& artifacts;
  UpdateIntake& updates;
  MemberDirectory& directory;
  Executor& executor;       // the control executor
  BlockingRunner& workers;  // disk work of the streams
  int bulk_streams = 8;     // at once; the others wait
  uint64_t artifact_quota_bytes = 0;
  // Digests that a job, model or open round refers to. Called on the control executor.
  std::function<absl::StatusOr<std::set<std::string>>()> artifacts_in_use;
  // Bulk bytes in and out, for the metrics. Any thread.
  std::function<void(uint64_t)> on_received = [](uint64_t) {};
  std::function<void(uint64_t)> on_sent = [](uint64_t) {};
};

std::unique_ptr<grpc::Service> MakeTransferService(TransferParts parts);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_RPC_TRANSFER_SERVICE_H_
