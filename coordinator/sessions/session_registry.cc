#include "coordinator/sessions/session_registry.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/crypto/random.h"
#include "common/session/protocol.h"
#include "common/status/macros.h"
#include "spdlog/spdlog.h"

namespace consort::coordinator {
namespace {

// Silence is looked at for all sessions together, so that hundreds of idle nodes cost one timer.
constexpr absl::Duration kTick = absl::Seconds(1);

const std::vector<std::string>& NeededCapabilities() {
  static const auto& needed =
      *new std::vector<std::string>{session::kCapabilityRing32, session::kCapabilityPlain};
  return needed;
}

v1::SessionRefused Refusal(absl::string_view code, std::string detail) {
  v1::SessionRefused refused;
  refused.set_code(std::string(code));
  refused.set_detail(std::move(detail));
  return refused;
}

}  // namespace

SessionRegistry::SessionRegistry(Executor& executor, Config config, LastNodeSeq last_node_seq,
                                 FederationMetrics& metrics)
    : executor_(executor),
      config_(std::move(config)),
      last_node_seq_(std::move(last_node_seq)),
      metrics_(metrics) {}

SessionRegistry::~SessionRegistry() {
  if (tick_ != 0) executor_.Cancel(tick_);
}

SessionRegistry::StreamId SessionRegistry::Attach(const std::string& archive,
                                                  std::shared_ptr<SessionWire> wire) {
  const StreamId id = next_stream_++;
  Stream stream;
  stream.archive = archive;
  stream.wire = std::move(wire);
  stream.last_received = executor_.Monotonic();
  stream.last_sent = executor_.Monotonic();
  streams_.emplace(id, std::move(stream));
  ArmTick();
  return id;
}

void SessionRegistry::OnEnvelope(StreamId stream, const v1::Envelope& envelope) {
  const auto found = streams_.find(stream);
  if (found == streams_.end()) return;  // ended by us meanwhile
  found->second.last_received = executor_.Monotonic();
  const absl::Status handled = Handle(stream, envelope);
  if (!handled.ok()) EndStream(stream, handled);
}

absl::Status SessionRegistry::Handle(StreamId id, const v1::Envelope& envelope) {
  const Stream& stream = streams_.at(id);
  const std::string archive = stream.archive;
  if (envelope.has_node_hello()) {
    if (stream.greeted) return absl::InvalidArgumentError("the node said hello twice on one stream");
    return Greet(id, envelope.node_hello());
  }
  if (!stream.greeted) return absl::InvalidArgumentError("the node sent a message before its hello");
  Session& session = sessions_.at(archive);
  session.last_seen = executor_.WallClock();
  metrics_.NodeSeen(archive, session.last_seen);
  RETURN_IF_ERROR(session.outbox.Acknowledge(envelope.acknowledged()));
  ASSIGN_OR_RETURN(const auto arrival, session.inbox.Accept(envelope));
  if (envelope.has_heartbeat()) {
    session.health = envelope.heartbeat().health();
    const bool quiet = executor_.Monotonic() - stream.last_sent >= session::kReplyInterval;
    if (quiet || session.inbox.unacknowledged() > 0) Beat(id);
  }
  if (arrival != session::SequencedInbox::Arrival::kNew) return absl::OkStatus();
  events_->OnMessage(archive, envelope);
  const auto again = sessions_.find(archive);  // the engine may have disconnected it
  const bool still = again != sessions_.end() && again->second.stream == id;
  if (still && again->second.inbox.unacknowledged() >= session::kAcknowledgeEvery) Beat(id);
  return absl::OkStatus();
}

void SessionRegistry::Beat(StreamId stream) {
  v1::Envelope beat;
  beat.mutable_heartbeat()->set_unix_millis(absl::ToUnixMillis(executor_.WallClock()));
  Write(stream, std::move(beat));
}

v1::SessionRefused SessionRegistry::ProblemWith(const v1::NodeHello& hello) const {
  if (draining_) return Refusal("draining", "the coordinator is about to end; connect again soon");
  if (hello.protocol_version() != session::kProtocolVersion) {
    return Refusal("protocol-version",
                   absl::StrCat("the node speaks version ", hello.protocol_version(),
                                " of the session protocol, this coordinator version ",
                                session::kProtocolVersion, "; update the older of the two"));
  }
  for (const std::string& needed : NeededCapabilities()) {
    const auto& has = hello.capabilities();
    if (std::find(has.begin(), has.end(), needed) == has.end()) {
      return Refusal("capability", absl::StrCat("the node lacks the capability ", needed, "; update it"));
    }
  }
  return {};
}

absl::Status SessionRegistry::Greet(StreamId id, const v1::NodeHello& hello) {
  const std::string archive = streams_.at(id).archive;
  v1::SessionRefused problem = ProblemWith(hello);
  const absl::StatusOr<uint64_t> node_seq = last_node_seq_(archive);
  if (problem.code().empty() && absl::IsNotFound(node_seq.status())) {
    problem = Refusal("name", absl::StrCat("no archive of this name is enrolled: ", archive));
  }
  if (!problem.code().empty()) {
    Refuse(id, problem);
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(node_seq.status());
  std::vector<v1::Envelope> replay;
  bool resumed = false;
  const Session& session = Adopt(id, hello, replay, resumed);
  v1::Envelope envelope;
  v1::Welcome& welcome = *envelope.mutable_welcome();
  welcome.set_session_id(session.id);
  welcome.set_acknowledged(session.inbox.acknowledged());
  welcome.set_ledger_origin(config_.ledger_origin);
  welcome.set_project(config_.project);
  for (const std::string& capability : NeededCapabilities()) welcome.add_capabilities(capability);
  welcome.add_capabilities(session::kCapabilityWitness);
  welcome.set_log_vkey(config_.log_vkey);
  config_.add_ledger(welcome);
  welcome.set_node_seq(*node_seq);
  Write(id, std::move(envelope));
  for (v1::Envelope& one : replay) Write(id, std::move(one));
  metrics_.NodeSeen(archive, session.last_seen);
  metrics_.SetConnectedNodes(connected());
  spdlog::info("session {}: archive {}, software {}", resumed ? "resumed" : "started", archive,
               hello.software_version().substr(0, 64));
  if (resumed) {
    events_->OnSessionResumed(archive);
  } else {
    events_->OnSessionStarted(archive, hello);
  }
  return absl::OkStatus();
}

SessionRegistry::Session& SessionRegistry::Adopt(StreamId id, const v1::NodeHello& hello,
                                                 std::vector<v1::Envelope>& replay, bool& resumed) {
  const std::string& archive = streams_.at(id).archive;
  Session& session = sessions_[archive];
  if (const StreamId older = std::exchange(session.stream, id); older != 0) {
    Refuse(older, Refusal("superseded", "the archive opened a newer session"));
  }
  absl::StatusOr<std::vector<v1::Envelope>> unheard = absl::NotFoundError("another session");
  if (!hello.session_id().empty() && hello.session_id() == session.id) {
    unheard = session.outbox.After(hello.acknowledged());
  }
  resumed = unheard.ok() && session.outbox.Acknowledge(hello.acknowledged()).ok();
  if (resumed) {
    replay = *std::move(unheard);
  } else {
    session.id = RandomId();
    session.outbox.Reset();
    session.inbox.Reset();
  }
  session.hello = hello;
  session.last_seen = executor_.WallClock();
  streams_.at(id).greeted = true;
  return session;
}

void SessionRegistry::Refuse(StreamId stream, const v1::SessionRefused& refused) {
  spdlog::warn("session refused: {}: {} (archive {})", refused.code(), refused.detail(),
               streams_.at(stream).archive);
  v1::Envelope envelope;
  *envelope.mutable_session_refused() = refused;
  streams_.at(stream).wire->Write(envelope);
  EndStream(stream, absl::OkStatus());  // the refusal says it all
}

void SessionRegistry::OnClosed(StreamId stream) {
  if (streams_.count(stream) == 0) return;
  Detach(stream);
}

void SessionRegistry::EndStream(StreamId stream, const absl::Status& status) {
  const auto found = streams_.find(stream);
  if (found == streams_.end()) return;
  if (!status.ok())
    spdlog::warn("session stream ended: {} (archive {})", status.ToString(), found->second.archive);
  found->second.wire->End(status);
  Detach(stream);
}

void SessionRegistry::Detach(StreamId stream) {
  const std::string archive = streams_.at(stream).archive;
  streams_.erase(stream);
  const auto session = sessions_.find(archive);
  if (session == sessions_.end() || session->second.stream != stream) return;  // superseded, or never greeted
  session->second.stream = 0;
  metrics_.SetConnectedNodes(connected());
  events_->OnSessionGone(archive);
}

void SessionRegistry::Write(StreamId id, v1::Envelope envelope) {
  Stream& stream = streams_.at(id);
  Session& session = sessions_.at(stream.archive);
  envelope.set_acknowledged(session.inbox.acknowledged());
  session.inbox.MarkAcknowledged();
  stream.last_sent = executor_.Monotonic();
  stream.wire->Write(envelope);
}

void SessionRegistry::Send(absl::string_view archive, v1::Envelope envelope) {
  const auto found = sessions_.find(std::string(archive));
  if (found == sessions_.end() || found->second.id.empty())
    return;  // open work is sent again when a session starts
  Session& session = found->second;
  absl::StatusOr<v1::Envelope> numbered = session.outbox.Add(std::move(envelope));
  if (!numbered.ok()) {
    // The node does not read: its next hello begins a new session, to which open work is sent again.
    session.id.clear();
    session.outbox.Reset();
    return EndStream(session.stream, numbered.status());
  }
  if (session.stream != 0) Write(session.stream, *std::move(numbered));
}

bool SessionRegistry::Connected(absl::string_view archive) const {
  const auto found = sessions_.find(std::string(archive));
  return found != sessions_.end() && found->second.stream != 0;
}

void SessionRegistry::Disconnect(absl::string_view archive, absl::string_view reason) {
  std::vector<StreamId> open;
  for (const auto& [id, stream] : streams_) {
    if (stream.archive == archive) open.push_back(id);
  }
  for (const StreamId id : open) Refuse(id, Refusal(reason, "the coordinator ended the session"));
  const auto session = sessions_.find(std::string(archive));
  if (session == sessions_.end()) return;
  session->second.id.clear();  // cannot be resumed
  session->second.outbox.Reset();
}

void SessionRegistry::Drain() {
  draining_ = true;
  std::vector<StreamId> open;
  for (const auto& [id, stream] : streams_) open.push_back(id);
  for (const StreamId id : open) Refuse(id, ProblemWith({}));
}

SessionRegistry::Presence SessionRegistry::PresenceOf(absl::string_view archive) const {
  Presence presence;
  const auto found = sessions_.find(std::string(archive));
  if (found == sessions_.end()) return presence;
  const Session& session = found->second;
  presence.last_seen_unix_seconds = absl::ToUnixSeconds(session.last_seen);
  presence.software_version = session.hello.software_version();
  presence.capabilities.assign(session.hello.capabilities().begin(), session.hello.capabilities().end());
  presence.health = session.health;
  presence.state = "gone";
  if (session.stream != 0) {
    const absl::Duration silence = executor_.Monotonic() - streams_.at(session.stream).last_received;
    presence.state = silence >= session::kSilentAfter ? "silent" : "connected";
  }
  return presence;
}

size_t SessionRegistry::connected() const {
  return static_cast<size_t>(std::count_if(sessions_.begin(), sessions_.end(),
                                           [](const auto& entry) { return entry.second.stream != 0; }));
}

void SessionRegistry::ArmTick() {
  if (tick_ == 0) tick_ = executor_.PostAfter(kTick, [this] { Tick(); });
}

void SessionRegistry::Tick() {
  tick_ = 0;
  const absl::Duration now = executor_.Monotonic();
  std::vector<std::pair<StreamId, absl::Status>> over;
  for (auto& [id, stream] : streams_) {
    const absl::Duration silence = now - stream.last_received;
    if (silence >= (stream.greeted ? session::kGoneAfter : session::kGreetingWithin)) {
      over.emplace_back(id, absl::DeadlineExceededError(
                                absl::StrCat("nothing was heard for ", absl::ToInt64Seconds(silence), " s")));
    } else if (stream.greeted &&
               now - stream.last_sent >= session::kReplyInterval + session::kHeartbeatInterval) {
      Beat(id);
    }
  }
  for (const auto& [id, status] : over) EndStream(id, status);
  if (!streams_.empty()) ArmTick();
}

}  // namespace consort::coordinator
