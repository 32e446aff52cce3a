// What uploads and downloads share: a place in the gate, work off gRPC's threads, an end exactly once, and
// the three reasons to end early: the peer went away, stood still too long, or was revoked.
#ifndef CONSORT_COORDINATOR_RPC_BULK_STREAM_H_
#define CONSORT_COORDINATOR_RPC_BULK_STREAM_H_

#include <atomic>
#include <functional>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/rpc/peer_identity.h"
#include "common/rpc/status_mapping.h"
#include "common/sync/executor.h"
#include "common/sync/mutex.h"
#include "coordinator/enrol/member_directory.h"
#include "coordinator/rounds/blocking_runner.h"
#include "coordinator/rpc/bulk_gate.h"

namespace consort::coordinator {

// Borrowed by every stream; all outlive the server.
struct BulkParts {
  BulkGate& gate;
  BlockingRunner& workers;  // disk work; gRPC's own threads must stay free for heartbeats
  Executor& executor;       // timers only
  MemberDirectory& directory;
};

// A chunk of 1 MiB within it needs 70 kbit/s: slower than any link that a round could finish over. Time spent
// waiting at the gate does not count.
inline constexpr absl::Duration kBulkStallLimit = absl::Seconds(120);

// `Reactor`: grpc::ServerReadReactor<> or grpc::ServerWriteReactor<>. Held by std::shared_ptr; keeps itself
// alive from Enter until gRPC is done with it.
template <class Reactor>
class BulkStream : public Reactor, public std::enable_shared_from_this<BulkStream<Reactor>> {
 public:
  BulkStream(const BulkParts& parts, PeerIdentity peer) : parts_(parts), peer_(std::move(peer)) {}

  // Waits at the gate; Begin runs on a worker once admitted.
  void Enter() {
    self_ = this->shared_from_this();
    const std::weak_ptr<BulkStream> weak = self_;
    watch_ = parts_.directory.Watch(peer_.member.role, peer_.member.name, [weak] {
      if (const auto stream = weak.lock())
        stream->End(absl::UnauthenticatedError("certificate has been revoked"));
    });
    const auto wait = parts_.gate.Enter([weak](BulkGate::Ticket ticket) {
      if (const auto stream = weak.lock()) stream->Admit(std::move(ticket));
    });
    if (wait.ok()) {
      wait_ = *wait;
    } else {
      End(wait.status());
    }
  }

  // Finishes the call with `status`, the first time that this is called. Any thread.
  void End(const absl::Status& status) {
    BulkGate::Ticket ticket;  // given up outside the lock: it may start the next stream
    MutexLock lock(mutex_);
    if (ended_) return;
    ended_ = true;
    ticket.swap(ticket_);
    this->Finish(ToGrpcStatus(status));
  }

  void OnCancel() override { End(absl::CancelledError("peer went away")); }
  void OnDone() override {
    parts_.directory.Unwatch(watch_);
    parts_.gate.Cancel(wait_);
    self_.reset();
  }

 protected:
  // The first step, on a worker.
  virtual void Begin() = 0;

  // Runs `operation` (a Start... of the reactor) unless the call has ended: none may start after Finish.
  template <class Operation>
  void UnlessEnded(Operation operation) {
    MutexLock lock(mutex_);
    if (!ended_) operation();
  }
  bool ended() {
    MutexLock lock(mutex_);
    return ended_;
  }
  // Runs `work` on a worker, this stream kept alive.
  template <class Work>
  void OnWorker(Work work) {
    parts_.workers.Run([stream = this->shared_from_this(), work = std::move(work)] { work(); });
  }
  // Says that bytes have moved.
  void Moved() { moved_nanos_.store(absl::ToInt64Nanoseconds(parts_.executor.Monotonic())); }

  const PeerIdentity& peer() const { return peer_; }

 private:
  void Admit(BulkGate::Ticket ticket) {
    {
      MutexLock lock(mutex_);
      if (ended_) return;
      ticket_ = std::move(ticket);
    }
    Moved();
    WatchForStandstill(kBulkStallLimit);
    OnWorker([this] { Begin(); });
  }

  void WatchForStandstill(absl::Duration delay) {
    const std::weak_ptr<BulkStream> weak = this->shared_from_this();
    parts_.executor.PostAfter(delay, [weak] {
      const auto stream = weak.lock();
      if (stream == nullptr || stream->ended()) return;
      const absl::Duration still =
          stream->parts_.executor.Monotonic() - absl::Nanoseconds(stream->moved_nanos_.load());
      if (still < kBulkStallLimit) return stream->WatchForStandstill(kBulkStallLimit - still);
      stream->End(absl::DeadlineExceededError(
          absl::StrCat("transfer stood still; reconnect and resume: ", absl::FormatDuration(still))));
    });
  }

  const BulkParts parts_;
  const PeerIdentity peer_;
  std::shared_ptr<BulkStream> self_;
  MemberDirectory::WatchId watch_ = 0;
  BulkGate::WaitId wait_ = 0;
  std::atomic<int64_t> moved_nanos_{0};
  Mutex mutex_;
  bool ended_ CONSORT_GUARDED_BY(mutex_) = false;
  BulkGate::Ticket ticket_ CONSORT_GUARDED_BY(mutex_);
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_RPC_BULK_STREAM_H_
