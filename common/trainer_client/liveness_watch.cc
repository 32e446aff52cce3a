#include "common/trainer_client/liveness_watch.h"

#include <grpcpp/completion_queue.h>
#include <grpcpp/support/async_stream.h>

#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/time/clock.h"
#include "consort/v1/trainer.grpc.pb.h"

namespace consort {
namespace {

// A call that finds nothing but connections that break is not helped by more of them.
constexpr int kMaxStreams = 100;

enum class Next { kEvent, kBroken, kTimeout };

// One stream of beats; each operation is awaited with a limit.
class BeatStream {
 public:
  BeatStream(const std::shared_ptr<grpc::Channel>& channel, grpc::ClientContext& context)
      : context_(context), stub_(v1::TrainerService::NewStub(channel)) {
    context_.set_wait_for_ready(true);
    stream_ = stub_->PrepareAsyncWatchLiveness(&context_, {}, &queue_);
    stream_->StartCall(nullptr);
  }
  ~BeatStream() {
    context_.TryCancel();
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) {
    }
  }

  // Waits for what comes next: the connection has taken the request, then beat after beat.
  Next Await(absl::Time limit) {
    void* tag = nullptr;
    bool ok = false;
    const auto next = queue_.AsyncNext(&tag, &ok, absl::ToChronoTime(limit));
    if (next == grpc::CompletionQueue::TIMEOUT) return Next::kTimeout;
    if (!ok) return Next::kBroken;
    stream_->Read(&beat_, nullptr);
    return Next::kEvent;
  }

 private:
  grpc::ClientContext& context_;
  const std::unique_ptr<v1::TrainerService::Stub> stub_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::ClientAsyncReader<v1::Liveness>> stream_;
  v1::Liveness beat_;
};

}  // namespace

LivenessWatch::LivenessWatch(std::shared_ptr<grpc::Channel> channel, LivenessLimits limits,
                             grpc::ClientContext& call, std::function<void()> on_stuck)
    : channel_(std::move(channel)),
      limits_(limits),
      call_(call),
      on_stuck_(std::move(on_stuck)),
      thread_([this] {
        verdict_ = Watch();
        if (verdict_ != Verdict::kAlive) call_.TryCancel();
        if (verdict_ == Verdict::kStuck && on_stuck_) on_stuck_();
        Settle();
      }) {}

void LivenessWatch::WaitForTrainer() {
  MutexLock lock(mutex_);
  while (!settled_) changed_.Wait(mutex_);  // bounded: the watch settles by its limits
}

void LivenessWatch::Stop() {
  MutexLock lock(mutex_);
  stopped_ = true;
  if (context_ != nullptr) context_->TryCancel();
}

LivenessWatch::Verdict LivenessWatch::End() {
  Stop();
  if (thread_.joinable()) thread_.join();
  return verdict_;
}

LivenessWatch::Verdict LivenessWatch::Watch() {
  const absl::Time start_limit = absl::Now() + limits_.start;
  for (int streams = 0; streams < kMaxStreams; ++streams) {
    if (const auto verdict = WatchStream(start_limit)) return *verdict;
  }
  return Verdict::kCrashed;
}

std::optional<LivenessWatch::Verdict> LivenessWatch::WatchStream(absl::Time start_limit) {
  grpc::ClientContext context;
  if (!Adopt(&context)) return Verdict::kAlive;
  const absl::Cleanup release = [this] { Adopt(nullptr); };
  BeatStream stream(channel_, context);
  int events = 0;
  absl::Time limit = start_limit;
  for (;;) {
    const Next next = stream.Await(limit);
    if (Stopped()) return Verdict::kAlive;
    if (next == Next::kTimeout) return events == 0 ? Verdict::kCrashed : Verdict::kStuck;
    if (next == Next::kBroken) {
      // A connection that was left from the previous trainer says nothing about this one.
      if (events < 2 && absl::Now() < start_limit) return std::nullopt;
      return Verdict::kCrashed;
    }
    if (++events >= 2) Settle();
    limit = absl::Now() + limits_.silence;
  }
}

bool LivenessWatch::Adopt(grpc::ClientContext* context) {
  MutexLock lock(mutex_);
  context_ = context;
  return !stopped_;
}

bool LivenessWatch::Stopped() {
  MutexLock lock(mutex_);
  return stopped_;
}

void LivenessWatch::Settle() {
  MutexLock lock(mutex_);
  settled_ = true;
  changed_.NotifyAll();
}

}  // namespace consort
