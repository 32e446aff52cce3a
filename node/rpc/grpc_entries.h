// The ledger's entries over LedgerService.ReadEntries.
#ifndef CONSORT_NODE_RPC_GRPC_ENTRIES_H_
#define CONSORT_NODE_RPC_GRPC_ENTRIES_H_

#include <grpcpp/channel.h>

#include <memory>

#include "common/trainer_client/trainer.h"
#include "node/witness/entry_source.h"

namespace consort::node {

// One call at a time, from any thread. A call without progress for kTransferStallLimit ends; its length has
// no limit.
class GrpcEntries : public EntrySource {
 public:
  explicit GrpcEntries(std::shared_ptr<grpc::Channel> channel);
  ~GrpcEntries() override;

  // Errors: those of `take`; Unavailable for whatever else kept entries from coming.
  absl::Status Read(uint64_t start, uint64_t end, const Take& take) override;
  // Ends what runs, and everything that is asked for after. Any thread.
  void Stop() { cancellation_.Cancel(); }

 private:
  struct Stubs;
  std::unique_ptr<Stubs> stubs_;
  Cancellation cancellation_;
};

}  // namespace consort::node

#endif  // CONSORT_NODE_RPC_GRPC_ENTRIES_H_
