// LedgerService: reading the ledger, for every role.
#ifndef CONSORT_COORDINATOR_RPC_LEDGER_SERVICE_H_
#define CONSORT_COORDINATOR_RPC_LEDGER_SERVICE_H_

#include <grpcpp/impl/codegen/service_type.h>

#include <cstdint>
#include <memory>
#include <string>

#include "common/sync/executor.h"
#include "coordinator/enrol/member_directory.h"
#include "coordinator/ledger/sequencer.h"
#include "coordinator/requests/key_changes.h"
#include "coordinator/store/store.h"
#include "coordinator/witness/incident_book.h"
#include "coordinator/witness/witness_board.h"

namespace consort::coordinator {

// Of some 250 bytes each, and 150 for each witness: within the 4 MiB limit of one message with 16 of them.
inline constexpr uint64_t kMaxListedCheckpoints = 1024;

// All borrowed; they outlive the server.
struct LedgerParts {
  std::string federation;
  Store& store;
  Sequencer& sequencer;
  MemberDirectory& directory;
  Executor& executor;  // the control executor
  WitnessBoard& witnesses;
  IncidentBook& incidents;
  KeyChanges& key_changes;
  uint64_t checkpoints_per_page = kMaxListedCheckpoints;
};

std::unique_ptr<grpc::Service> MakeLedgerService(const LedgerParts& parts);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_RPC_LEDGER_SERVICE_H_
