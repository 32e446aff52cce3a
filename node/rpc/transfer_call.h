// The waiting of one bulk call: each step has a limit, the whole has none.
#ifndef CONSORT_NODE_RPC_TRANSFER_CALL_H_
#define CONSORT_NODE_RPC_TRANSFER_CALL_H_

#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>

#include "absl/status/status.h"
#include "common/trainer_client/trainer.h"

namespace consort::node {

// One asynchronous call driven step by step from the calling thread. A step that takes longer than
// kTransferStallLimit cancels the call: a slow transfer lives, a stalled one ends. Not thread-safe.
class TransferCall {
 public:
  explicit TransferCall(Cancellation& cancellation);
  // Cancels what is not finished and drains the queue.
  ~TransferCall();
  TransferCall(const TransferCall&) = delete;
  TransferCall& operator=(const TransferCall&) = delete;

  grpc::ClientContext& context() { return context_; }
  grpc::CompletionQueue& queue() { return queue_; }
  // Any value: one operation is under way at a time.
  void* tag() { return this; }

  // Waits for the operation that was started last. Returns gRPC's `ok`; false too when the step stalled or
  // the call was cancelled, after which only Finish may be called on the stream.
  bool Step();

  // What ended the call, over what gRPC says: Cancelled, or Unavailable for a stall and for a coordinator
  // that has no room now.
  absl::Status Explain(const absl::Status& status) const;

 private:
  Cancellation& cancellation_;
  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  bool stalled_ = false;
};

}  // namespace consort::node

#endif  // CONSORT_NODE_RPC_TRANSFER_CALL_H_
