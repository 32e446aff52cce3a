// The node's end of the session: connects, greets, resumes, replays, beats, and connects again.
#ifndef CONSORT_NODE_DAEMON_SESSION_H_
#define CONSORT_NODE_DAEMON_SESSION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/session/sequenced_inbox.h"
#include "common/session/sequenced_outbox.h"
#include "common/sync/executor.h"
#include "consort/v1/session.pb.h"
#include "node/daemon/backoff.h"
#include "node/daemon/stream.h"

namespace consort::node {

// What the session asks of its owner and tells it. Called on the session's executor.
class SessionOwner {
 public:
  virtual ~SessionOwner() = default;
  // Adds node_seq, head_size, capabilities and version to a hello.
  virtual void FillHello(v1::NodeHello& hello) = 0;
  virtual v1::NodeHealth Health() = 0;
  // The coordinator answered. `resumed`: messages that were sent stay sent; otherwise they are forgotten and
  // open tasks will come again. Replayed messages follow after this. A failure ends the stream: the peer is
  // not ours.
  virtual absl::Status OnWelcome(const v1::Welcome& welcome, bool resumed) = 0;
  // Each message of the series once, in order.
  virtual void OnMessage(const v1::Envelope& envelope) = 0;
  // The connection is gone; another attempt follows by itself.
  virtual void OnDisconnected() = 0;
  // Each message that leaves, replays included, for the egress journal's counted rows.
  virtual void OnSent(const v1::Envelope& envelope) = 0;
};

// Owned by one executor: every call comes from there.
class Session {
 public:
  enum class State { kStopped, kConnecting, kConnected, kRefused };

  // Everything is borrowed and outlives this; the executor drops or finishes posted work before this goes.
  Session(StreamFactory& factory, Executor& executor, SessionOwner& owner, Backoff backoff);

  void Start();
  // Ends the stream and does not connect again.
  void Stop();

  // Numbers and keeps the message, and sends it when connected. Returns its sequence. Errors:
  // ResourceExhausted when the coordinator does not acknowledge; the session is then begun anew.
  absl::StatusOr<uint64_t> Send(v1::Envelope envelope);

  // Closes the stream and connects again at once; `fresh` also gives up the session, so that open tasks come
  // again.
  void Reopen(bool fresh);

  State state() const { return state_; }
  bool connected() const { return state_ == State::kConnected; }
  const std::string& session_id() const { return session_id_; }
  const std::string& last_error() const { return last_error_; }
  absl::Time connected_since() const { return connected_since_; }
  // Highest sequence that the coordinator has acknowledged in this session.
  uint64_t acknowledged() const { return outbox_.acknowledged(); }

 private:
  void Connect();
  void Close(const absl::Status& reason, absl::Duration wait);
  void OnClosed(uint64_t stream, const absl::Status& status);
  void OnEnvelope(uint64_t stream, const v1::Envelope& envelope);
  absl::Status HandleEnvelope(const v1::Envelope& envelope);
  absl::Status HandleWelcome(const v1::Welcome& welcome);
  void HandleRefusal(const v1::SessionRefused& refused);
  void Write(v1::Envelope envelope);
  void Tick();
  void Beat();

  StreamFactory& factory_;
  Executor& executor_;
  SessionOwner& owner_;
  Backoff backoff_;

  State state_ = State::kStopped;
  std::unique_ptr<Stream> stream_;
  uint64_t stream_number_ = 0;  // callbacks of earlier streams are ignored
  Executor::TimerId timer_ = 0;
  absl::Duration last_received_;
  absl::Duration last_sent_;

  std::string session_id_;
  session::SequencedOutbox outbox_;
  session::SequencedInbox inbox_;
  std::string last_error_;
  absl::Time connected_since_ = absl::InfinitePast();
};

}  // namespace consort::node

#endif  // CONSORT_NODE_DAEMON_SESSION_H_
