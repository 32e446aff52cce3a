// LedgerService: reading the ledger, for every role.
#ifndef CONSORT_COORDINATOR_RPC_LEDGER_SERVICE_H_
#define CONSORT_COORDINATOR_RPC_LEDGER_SERVICE_H_

#include <grpcpp/impl/codegen/service_type.h>

#include <memory>
#include <string>

#include "common/sync/executor.h"
#include "coordinator/enrol/member_directory.h"
#include "coordinator/ledger/sequencer.h"
#include "coordinator/store/store.h"

namespace consort::coordinator {

// All borrowed; they outlive the server.
struct LedgerParts {
  std::string federation;
  Store& store;
  Sequencer& sequencer;
  MemberDirectory& directory;
  Executor& executor;  // the control executor
};

// One answer of ListCheckpoints holds at most kMaxListedCheckpoints; the next page starts at the last size
// plus 1.
std::unique_ptr<grpc::Service> MakeLedgerService(const LedgerParts& parts);

inline constexpr size_t kMaxListedCheckpoints =
    8192;  // of some 250 bytes: within the 4 MiB limit of one message

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_RPC_LEDGER_SERVICE_H_
