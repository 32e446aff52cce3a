// FederationService: members, invitations and the state of the whole.
#ifndef CONSORT_COORDINATOR_RPC_FEDERATION_SERVICE_H_
#define CONSORT_COORDINATOR_RPC_FEDERATION_SERVICE_H_

#include <grpcpp/impl/codegen/service_type.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/artifact/artifact_store.h"
#include "common/sync/executor.h"
#include "coordinator/enrol/enrolment.h"
#include "coordinator/ledger/sequencer.h"
#include "coordinator/store/store.h"

namespace consort::coordinator {

// What the sessions know about an archive.
struct ArchiveConnection {
  std::string state = "never";         // connected, silent, gone, never
  int64_t last_seen_unix_seconds = 0;  // 0: not since this process started
  std::string software_version;
  std::vector<std::string> capabilities;
};

// All borrowed, and the functions called on the control executor; they outlive the server.
struct FederationParts {
  std::string software_version;
  Enrolment& enrolment;
  Store& store;
  Sequencer& sequencer;
  const ArtifactStore& artifacts;
  Executor& executor;  // the control executor
  std::function<ArchiveConnection(absl::string_view archive)> connection;
  std::function<absl::StatusOr<uint32_t>()> active_jobs;
  std::function<bool()> draining;
  std::function<std::string()> ledger_hold = [] { return std::string(); };
  std::function<uint32_t()> open_incidents = [] { return uint32_t{0}; };
};

std::unique_ptr<grpc::Service> MakeFederationService(FederationParts parts);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_RPC_FEDERATION_SERVICE_H_
