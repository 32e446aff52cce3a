// One call of the trainer that takes a header and artifacts and answers with a stream of events: collects the
// request without blocking gRPC's threads, then runs on the worker's thread, which may block in Send.
#ifndef CONSORT_NODE_TRAINER_RPC_STREAM_CALL_H_
#define CONSORT_NODE_TRAINER_RPC_STREAM_CALL_H_

#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "common/rpc/status_mapping.h"
#include "common/sync/mutex.h"
#include "node/trainer/rpc/artifact_intake.h"

namespace consort::trainer {

// Deletes itself when gRPC is done with it. `Request` has the members header and artifact.
template <class Request, class Event>
class StreamCall final : public grpc::ServerBidiReactor<Request, Event> {
 public:
  // Does the call's work; `call` gives header, artifacts, stop and takes events.
  using Work = std::function<absl::Status(StreamCall& call)>;
  // Runs `work` once on the worker's thread, or says why not.
  using Enqueue = std::function<absl::Status(std::function<void()> work)>;

  // A client that takes no event for this long has stalled: the daemon spools to its disk, which is quick.
  static constexpr std::chrono::seconds kClientStallLimit{60};

  // `spare`: borrowed.
  StreamCall(SpareBuffers& spare, Enqueue enqueue, Work work)
      : enqueue_(std::move(enqueue)), work_(std::move(work)), artifacts_(spare) {
    this->StartRead(&request_);
  }

  // For `work`, on the worker's thread.
  const auto& header() const { return header_.header(); }
  const ArtifactIntake& artifacts() const { return artifacts_; }
  const std::atomic<bool>& stop() const { return stop_; }

  // Queues one event behind the previous one. Errors: Cancelled when the client left; DeadlineExceeded
  // "client-stalled".
  absl::Status Send(Event event) {
    if (absl::Status free = WaitForWriter(); !free.ok()) return free;
    event_ = std::move(event);
    this->StartWrite(&event_);
    return absl::OkStatus();
  }

  void OnReadDone(bool ok) override {
    if (!ok) return TakeUp();
    if (absl::Status taken = Take(); !taken.ok()) return this->Finish(ToGrpcStatus(taken));
    this->StartRead(&request_);
  }

  void OnWriteDone(bool ok) override {
    MutexLock lock(mutex_);
    writing_ = false;
    if (!ok) stop_ = true;
    written_.NotifyAll();
  }

  void OnCancel() override {
    MutexLock lock(mutex_);
    stop_ = true;
    written_.NotifyAll();
  }

  void OnDone() override { delete this; }

 private:
  absl::Status Take() {
    if (request_.has_artifact()) return artifacts_.Add(request_.artifact());
    if (!request_.has_header() || header_.has_header()) {
      return absl::InvalidArgumentError(
          "artifact-damaged: a call has one header and then parts of artifacts");
    }
    header_.Swap(&request_);
    return absl::OkStatus();
  }

  // The client has sent everything, or left.
  void TakeUp() {
    absl::Status ready = stop_ ? absl::CancelledError("the client left") : artifacts_.CheckComplete();
    if (ready.ok() && !header_.has_header()) {
      ready = absl::InvalidArgumentError("artifact-damaged: the call ended before its header");
    }
    if (ready.ok()) {
      ready = enqueue_([this] { Run(); });
    }
    if (!ready.ok()) this->Finish(ToGrpcStatus(ready));
  }

  void Run() {
    absl::Status outcome = stop_ ? absl::CancelledError("the client left") : work_(*this);
    if (absl::Status last = WaitForWriter(); outcome.ok()) outcome = last;
    this->Finish(ToGrpcStatus(outcome));
  }

  // Returns once the previous event is on its way, and marks the writer as taken.
  absl::Status WaitForWriter() {
    const auto limit = std::chrono::steady_clock::now() + kClientStallLimit;
    MutexLock lock(mutex_);
    while (writing_ && !stop_) {
      const auto left = limit - std::chrono::steady_clock::now();
      if (left <= left.zero()) {
        stop_ = true;
        return absl::DeadlineExceededError("client-stalled: the daemon takes no results");
      }
      written_.WaitFor(mutex_, left);
    }
    if (stop_) return absl::CancelledError("the client left");
    writing_ = true;
    return absl::OkStatus();
  }

  const Enqueue enqueue_;
  const Work work_;
  Request request_;  // the message being read
  Request header_;
  ArtifactIntake artifacts_;
  Event event_;  // the message being written
  std::atomic<bool> stop_ = false;
  Mutex mutex_;
  CondVar written_;
  bool writing_ CONSORT_GUARDED_BY(mutex_) = false;
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_RPC_STREAM_CALL_H_
