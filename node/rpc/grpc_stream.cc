#include "node/rpc/grpc_stream.h"

#include <grpcpp/client_context.h>

#include <deque>
#include <utility>

#include "common/rpc/status_mapping.h"
#include "common/sync/mutex.h"
#include "consort/v1/session.grpc.pb.h"
#include "spdlog/spdlog.h"

namespace consort::node {

// Counts the streams that gRPC still holds. Outlives its owner on gRPC's threads, so it must not hold the
// channel: gRPC 1.51 aborts when the last reference to the last channel goes on a thread of its own.
struct GrpcStreamFactory::Streams {
  Mutex mutex;
  CondVar ended;
  int open CONSORT_GUARDED_BY(mutex) = 0;
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
    const std::function<void()> on_done = std::move(on_done_);
    std::shared_ptr<Call> last = std::move(self_);
    last.reset();  // and with it the hold on the channel, before the factory's destructor goes on
    on_done();
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
    : channel_(std::move(channel)), streams_(std::make_shared<Streams>()) {}

GrpcStreamFactory::~GrpcStreamFactory() {
  MutexLock lock(streams_->mutex);
  while (streams_->open > 0) {
    if (streams_->ended.WaitFor(streams_->mutex, absl::ToChronoNanoseconds(kEndWithin))) continue;
    spdlog::error("a cancelled stream did not end in time");
    return;
  }
}

std::unique_ptr<Stream> GrpcStreamFactory::Open(Callbacks callbacks) {
  {
    MutexLock lock(streams_->mutex);
    ++streams_->open;
  }
  auto call = std::make_shared<Call>(std::move(callbacks));
  const auto stub = v1::SessionService::NewStub(channel_);
  call->Begin(*stub, call, [streams = streams_] {
    MutexLock lock(streams->mutex);
    --streams->open;
    streams->ended.NotifyAll();
  });
  return std::make_unique<GrpcStream>(std::move(call));
}

}  // namespace consort::node
