// consort.v1.TrainerService over an Engine: decode and check, call the engine on the one worker thread,
// encode the answer. Describe and liveness answer at once, whatever the worker does.
#ifndef CONSORT_NODE_TRAINER_RPC_TRAINER_SERVICE_H_
#define CONSORT_NODE_TRAINER_RPC_TRAINER_SERVICE_H_

#include <atomic>
#include <functional>

#include "absl/status/status.h"
#include "common/sync/mutex.h"
#include "common/sync/thread_executor.h"
#include "consort/v1/trainer.grpc.pb.h"
#include "node/trainer/engine.h"
#include "node/trainer/rpc/liveness.h"
#include "node/trainer/rpc/spare_buffers.h"

namespace consort::trainer {

template <class Request, class Event>
class StreamCall;

// Thread-safe. Must outlive the server that it is registered with.
class TrainerService final : public v1::TrainerService::CallbackService {
 public:
  // Calls that wait for the worker, the one that runs included; one more answers ResourceExhausted
  // "trainer-busy".
  static constexpr int kMaxCalls = 16;

  // `engine` is used on the worker's thread only and outlives this. `sandboxed` is what Describe reports.
  TrainerService(Engine& engine, bool sandboxed) : engine_(engine), sandboxed_(sandboxed) {}

  // Reads the recordings before the first call runs. Until that has ended Describe answers Unavailable
  // "trainer-scanning" and every other call waits; if it failed, each call answers with that failure.
  void BeginScan();
  // Makes a running scan end early, so that the process can.
  void StopScan() { stop_scan_ = true; }

  grpc::ServerUnaryReactor* Describe(grpc::CallbackServerContext* context, const v1::DescribeRequest* request,
                                     v1::DescribeResponse* response) override;
  grpc::ServerWriteReactor<v1::Liveness>* WatchLiveness(grpc::CallbackServerContext* context,
                                                        const v1::LivenessRequest* request) override;
  grpc::ServerUnaryReactor* Plan(grpc::CallbackServerContext* context, const v1::PlanRequest* request,
                                 v1::PlanResponse* response) override;
  grpc::ServerBidiReactor<v1::PrepareRequest, v1::PrepareEvent>* Prepare(
      grpc::CallbackServerContext*) override;
  grpc::ServerBidiReactor<v1::TrainRequest, v1::TrainEvent>* Train(grpc::CallbackServerContext*) override;
  grpc::ServerBidiReactor<v1::EvaluateRequest, v1::EvaluateEvent>* Evaluate(
      grpc::CallbackServerContext*) override;
  grpc::ServerBidiReactor<v1::RenderRequest, v1::RenderEvent>* Render(grpc::CallbackServerContext*) override;

 private:
  absl::Status Enqueue(std::function<void()> work);
  // Makes a streamed call that runs `work` on the worker's thread.
  template <class Request, class Event>
  grpc::ServerBidiReactor<Request, Event>* NewCall(absl::Status (*work)(Engine&,
                                                                        StreamCall<Request, Event>&));

  Engine& engine_;
  const bool sandboxed_;
  Liveness liveness_;
  SpareBuffers spare_;
  std::atomic<bool> stop_scan_ = false;
  std::atomic<int> calls_ = 0;
  absl::Status scanned_ = absl::UnavailableError("trainer-scanning: not begun");  // the worker's own
  Mutex mutex_;
  absl::Status describable_ CONSORT_GUARDED_BY(mutex_) =
      absl::UnavailableError("trainer-scanning: the recordings are being read; ask again in a while");
  v1::DescribeResponse description_ CONSORT_GUARDED_BY(mutex_);
  ThreadExecutor worker_;  // last: ends first, with everything it uses still there
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_RPC_TRAINER_SERVICE_H_
