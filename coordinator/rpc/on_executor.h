// Unary handlers whose work belongs to another thread: post it, and finish the call with what it returns.
#ifndef CONSORT_COORDINATOR_RPC_ON_EXECUTOR_H_
#define CONSORT_COORDINATOR_RPC_ON_EXECUTOR_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <utility>

#include "common/rpc/status_mapping.h"
#include "common/sync/executor.h"

namespace consort::coordinator {

// Runs `work` (a copyable function that returns absl::Status) on `executor`. Request and response live until
// the call is finished, so `work` may refer to both. The executor must run until the server has shut down.
template <class Work>
grpc::ServerUnaryReactor* OnExecutor(grpc::CallbackServerContext* context, Executor& executor, Work work) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  executor.Post([reactor, work = std::move(work)]() mutable { reactor->Finish(ToGrpcStatus(work())); });
  return reactor;
}

// Finishes a call that needs no other thread.
inline grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext* context, const absl::Status& status) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(ToGrpcStatus(status));
  return reactor;
}

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_RPC_ON_EXECUTOR_H_
