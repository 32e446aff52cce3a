// One node's stream: envelopes in to the registry one at a time, envelopes out in order. Private to this
// folder.
#ifndef CONSORT_COORDINATOR_RPC_SESSION_STREAM_H_
#define CONSORT_COORDINATOR_RPC_SESSION_STREAM_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "common/sync/mutex.h"
#include "coordinator/rpc/session_service.h"
#include "coordinator/sessions/session_wire.h"

namespace consort::coordinator {

// Held by std::shared_ptr; keeps itself alive from Open until gRPC is done with it. The next envelope is read
// when the executor has taken the last one, so a flood stays in the peer's socket.
class SessionStream final : public grpc::ServerBidiReactor<v1::Envelope, v1::Envelope>,
                            public SessionWire,
                            public std::enable_shared_from_this<SessionStream> {
 public:
  // Messages queued for a peer that does not read: what a session may hold unacknowledged, and some
  // heartbeats.
  static constexpr size_t kMaxQueued = 8192;

  // `context` belongs to gRPC and outlives the stream's OnDone.
  SessionStream(const SessionParts& parts, grpc::CallbackServerContext& context, std::string archive)
      : parts_(parts), context_(context), archive_(std::move(archive)) {}

  void Open();

  // SessionWire, on the executor.
  void Write(const v1::Envelope& envelope) override;
  void End(const absl::Status& status) override;

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  void Read();
  void StartNextWrite() CONSORT_REQUIRES(mutex_);
  void FinishIfDrained() CONSORT_REQUIRES(mutex_);
  // Tells the registry that the peer went away.
  void ReportClosed();

  const SessionParts& parts_;
  grpc::CallbackServerContext& context_;
  const std::string archive_;
  std::shared_ptr<SessionStream> self_;
  SessionRegistry::StreamId id_ = 0;  // executor only
  MemberDirectory::WatchId watch_ = 0;
  v1::Envelope incoming_;  // gRPC's between StartRead and OnReadDone

  Mutex mutex_;
  std::deque<v1::Envelope> outgoing_
      CONSORT_GUARDED_BY(mutex_);  // the front is being written; bounded by kMaxQueued
  std::optional<absl::Status> end_ CONSORT_GUARDED_BY(mutex_);  // how to finish once outgoing_ is written
  bool finished_ CONSORT_GUARDED_BY(mutex_) = false;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_RPC_SESSION_STREAM_H_
