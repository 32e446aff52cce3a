#include "node/trainer/rpc/trainer_service.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/status_mapping.h"
#include "node/trainer/rpc/engine_calls.h"

namespace consort::trainer {

void TrainerService::BeginScan() {
  worker_.Post([this] {
    scanned_ = engine_.Scan(stop_scan_);
    v1::DescribeResponse description = engine_.Describe();
    description.set_sandboxed(sandboxed_);
    MutexLock lock(mutex_);
    describable_ = scanned_;
    description_ = std::move(description);
  });
}

grpc::ServerUnaryReactor* TrainerService::Describe(grpc::CallbackServerContext* context,
                                                   const v1::DescribeRequest*,
                                                   v1::DescribeResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  MutexLock lock(mutex_);
  if (describable_.ok()) *response = description_;
  reactor->Finish(ToGrpcStatus(describable_));
  return reactor;
}

grpc::ServerWriteReactor<v1::Liveness>* TrainerService::WatchLiveness(grpc::CallbackServerContext*,
                                                                      const v1::LivenessRequest*) {
  return liveness_.Watch();
}

grpc::ServerUnaryReactor* TrainerService::Plan(grpc::CallbackServerContext* context,
                                               const v1::PlanRequest* request, v1::PlanResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const absl::Status queued = Enqueue([this, reactor, request, response] {
    absl::StatusOr<v1::JobSpec> spec = scanned_.ok() ? ParseSpec(request->spec()) : scanned_;
    absl::StatusOr<v1::PlanResponse> plan = spec.ok() ? engine_.Plan(*spec) : spec.status();
    if (plan.ok()) *response = *std::move(plan);
    reactor->Finish(ToGrpcStatus(plan.status()));
  });
  if (!queued.ok()) reactor->Finish(ToGrpcStatus(queued));
  return reactor;
}

grpc::ServerBidiReactor<v1::PrepareRequest, v1::PrepareEvent>* TrainerService::Prepare(
    grpc::CallbackServerContext*) {
  return NewCall(&RunPrepare);
}

grpc::ServerBidiReactor<v1::TrainRequest, v1::TrainEvent>* TrainerService::Train(
    grpc::CallbackServerContext*) {
  return NewCall(&RunTrain);
}

grpc::ServerBidiReactor<v1::EvaluateRequest, v1::EvaluateEvent>* TrainerService::Evaluate(
    grpc::CallbackServerContext*) {
  return NewCall(&RunEvaluate);
}

grpc::ServerBidiReactor<v1::RenderRequest, v1::RenderEvent>* TrainerService::Render(
    grpc::CallbackServerContext*) {
  return NewCall(&RunRender);
}

absl::Status TrainerService::Enqueue(std::function<void()> work) {
  if (++calls_ > kMaxCalls) {
    --calls_;
    return absl::ResourceExhaustedError(
        absl::StrCat("trainer-busy: ", kMaxCalls, " calls wait already; try again when one has ended"));
  }
  worker_.Post([this, work = std::move(work)] {
    work();
    --calls_;
  });
  return absl::OkStatus();
}

template <class Request, class Event>
grpc::ServerBidiReactor<Request, Event>* TrainerService::NewCall(
    absl::Status (*work)(Engine&, StreamCall<Request, Event>&)) {
  using Call = StreamCall<Request, Event>;
  return new Call(
      spare_, [this](std::function<void()> run) { return Enqueue(std::move(run)); },
      [this, work](Call& call) { return scanned_.ok() ? work(engine_, call) : scanned_; });
}

}  // namespace consort::trainer
