// The sessions of all archives, one each: a stream may come and go, the session with its numbered messages
// stays.
#ifndef CONSORT_COORDINATOR_SESSIONS_SESSION_REGISTRY_H_
#define CONSORT_COORDINATOR_SESSIONS_SESSION_REGISTRY_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/session/sequenced_inbox.h"
#include "common/session/sequenced_outbox.h"
#include "common/sync/executor.h"
#include "coordinator/rounds/federation_metrics.h"
#include "coordinator/rounds/node_gateway.h"
#include "coordinator/sessions/session_wire.h"

namespace consort::coordinator {

// Owned by the control executor: every call is made there.
class SessionRegistry final : public NodeGateway {
 public:
  struct Config {
    std::string ledger_origin;
    std::string project;
    std::string log_vkey;
    // Adds what the ledger says at that moment: its log keys in force, its witnessed size.
    std::function<void(v1::Welcome&)> add_ledger = [](v1::Welcome&) {};
  };
  // The highest node_seq of an archive in the ledger. Errors: NotFound if it is not a member.
  using LastNodeSeq = std::function<absl::StatusOr<uint64_t>(const std::string& archive)>;

  // `executor` and `metrics` borrowed.
  SessionRegistry(Executor& executor, Config config, LastNodeSeq last_node_seq, FederationMetrics& metrics);
  ~SessionRegistry() override;

  // Before the first stream. Borrowed.
  void SetEvents(NodeEvents& events) { events_ = &events; }
  // Refuses new sessions by the code "draining" and ends the open ones.
  void Drain();

  // A stream of `archive` (from its certificate) was opened; it says hello within kGreetingWithin or is
  // ended. A hello with another protocol version or without a capability that is needed is refused by name. A
  // stream that says a good hello supersedes the archive's older one.
  using StreamId = uint64_t;
  StreamId Attach(const std::string& archive, std::shared_ptr<SessionWire> wire);
  void OnEnvelope(StreamId stream, const v1::Envelope& envelope);
  // The stream ended (FIN, RST, cancelled): the archive is gone at once, its session can be resumed.
  void OnClosed(StreamId stream);

  void Send(absl::string_view archive, v1::Envelope envelope) override;
  bool Connected(absl::string_view archive) const override;
  void Disconnect(absl::string_view archive, absl::string_view reason) override;

  struct Presence {
    std::string state = "never";  // connected, silent (nothing for kSilentAfter), gone, never
    int64_t last_seen_unix_seconds = 0;
    std::string software_version;
    std::vector<std::string> capabilities;
    v1::NodeHealth health;
  };
  Presence PresenceOf(absl::string_view archive) const;
  size_t connected() const;

 private:
  struct Session {
    std::string id;
    session::SequencedOutbox outbox;
    session::SequencedInbox inbox;
    StreamId stream = 0;  // 0: gone
    absl::Time last_seen;
    v1::NodeHello hello;
    v1::NodeHealth health;
  };
  struct Stream {
    std::string archive;
    std::shared_ptr<SessionWire> wire;
    bool greeted = false;
    absl::Duration last_received;
    absl::Duration last_sent;
  };

  absl::Status Handle(StreamId stream, const v1::Envelope& envelope);
  absl::Status Greet(StreamId stream, const v1::NodeHello& hello);
  // Empty if the hello is acceptable; otherwise what to answer.
  v1::SessionRefused ProblemWith(const v1::NodeHello& hello) const;
  void Refuse(StreamId stream, const v1::SessionRefused& refused);
  // Makes `stream` the archive's, ending an older one.
  Session& Adopt(StreamId stream, const v1::NodeHello& hello, std::vector<v1::Envelope>& replay,
                 bool& resumed);
  void Write(StreamId stream, v1::Envelope envelope);
  void Beat(StreamId stream);
  void EndStream(StreamId stream, const absl::Status& status);
  // Takes the stream off its session; tells the engine if that session is gone now.
  void Detach(StreamId stream);
  void ArmTick();
  void Tick();

  Executor& executor_;
  const Config config_;
  const LastNodeSeq last_node_seq_;
  FederationMetrics& metrics_;
  NodeEvents* events_ = nullptr;
  std::map<std::string, Session, std::less<>> sessions_;  // by archive: at most one a member
  std::map<StreamId, Stream> streams_;
  StreamId next_stream_ = 1;
  Executor::TimerId tick_ = 0;  // 0: none is set
  bool draining_ = false;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_SESSIONS_SESSION_REGISTRY_H_
