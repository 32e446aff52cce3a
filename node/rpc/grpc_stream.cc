#include "node/rpc/grpc_stream.h"

#include <grpcpp/client_context.h>

#include <deque>
#include <utility>

#include "common/rpc/status_mapping.h"
#include "common/sync/mutex.h"
#include "consort/v1/session.grpc.pb.h"
#include "spdlog/spdlog.h"

namespace consort::node {

// Counts the streams that gRPC still holds.
struct GrpcStreamFactory::Shared {
  explicit Shared(const std::shared_ptr<grpc::Channel>& channel)
      : stub(v1::SessionService::NewStub(channel)) {}

  const std::unique_ptr<v1::SessionService::Stub> stub;
  Mutex mutex;
  CondVar ended;
  int streams CONSORT_GUARDED_BY(mutex) = 0;
};

namespace {

// One call. Owns itself until gRPC is done with it; GrpcStream holds the other reference.
class Call : public grpc::ClientBidiReactor<v1::Envelope, v1::Envelope> {
 public:
  explicit Call(StreamFactory::Callbacks callbacks) : callbacks_(std::move(callbacks)) {}

  void Begin(v1::SessionService::Stub& stub, std::shared_ptr<Call> self, std::function<void()> on_done) {
    self_ = std::move(self);
    on_done_ = std::move(on_done);
    stub.async()->Connect(&context_, this);
    AddHold();  // Write comes from outside of reactions; released when reading ends
    StartRead(&incoming_);
    StartCall();
  }

  void Write(const v1::Envelope& envelope) {
    MutexLock lock(mutex_);
    if (ended_) return;
    pending_.push_back(envelope);
    if (pending_.size() == 1) StartWrite(&pending_.front());
  }

  void Cancel() { context_.TryCancel(); }

 private:
  void OnReadDone(bool ok) override {
    if (!ok) return EndWrites();
    callbacks_.on_message(std::exchange(incoming_, v1::Envelope()));
    StartRead(&incoming_);
  }

  void OnWriteDone(bool ok) override {
    MutexLock lock(mutex_);
    pending_.pop_front();
    if (!ok) {
      context_.TryCancel();  // the read then ends too
      ended_ = true;
    }
    if (!ended_ && !pending_.empty()) StartWrite(&pending_.front());
  }

  void OnDone(const grpc::Status& status) override {
    callbacks_.on_closed(FromGrpcStatus(status));
    const std::shared_ptr<Call> last = std::move(self_);
    on_done_();
  }

  void EndWrites() {
    {
      MutexLock lock(mutex_);
      ended_ = true;
    }
    RemoveHold();
  }

  const StreamFactory::Callbacks callbacks_;
  std::function<void()> on_done_;
  grpc::ClientContext context_;
  v1::Envelope incoming_;
  std::shared_ptr<Call> self_;
  Mutex mutex_;
  std::deque<v1::Envelope> pending_
      CONSORT_GUARDED_BY(mutex_);  // bounded by the session's outbox; front is on its way
  bool ended_ CONSORT_GUARDED_BY(mutex_) = false;
};

class GrpcStream : public Stream {
 public:
  explicit GrpcStream(std::shared_ptr<Call> call) : call_(std::move(call)) {}
  ~GrpcStream() override { call_->Cancel(); }
  void Write(const v1::Envelope& envelope) override { call_->Write(envelope); }

 private:
  std::shared_ptr<Call> call_;
};

}  // namespace

GrpcStreamFactory::GrpcStreamFactory(std::shared_ptr<grpc::Channel> channel)
    : shared_(std::make_shared<Shared>(channel)) {}

GrpcStreamFactory::~GrpcStreamFactory() {
  MutexLock lock(shared_->mutex);
  while (shared_->streams > 0) {
    if (shared_->ended.WaitFor(shared_->mutex, absl::ToChronoNanoseconds(kEndWithin))) continue;
    spdlog::error("a cancelled stream did not end in time");
    return;
  }
}

std::unique_ptr<Stream> GrpcStreamFactory::Open(Callbacks callbacks) {
  {
    MutexLock lock(shared_->mutex);
    ++shared_->streams;
  }
  auto call = std::make_shared<Call>(std::move(callbacks));
  call->Begin(*shared_->stub, call, [shared = shared_] {
    MutexLock lock(shared->mutex);
    --shared->streams;
    shared->ended.NotifyAll();
  });
  return std::make_unique<GrpcStream>(std::move(call));
}

}  // namespace consort::node
