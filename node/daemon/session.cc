#include "node/daemon/session.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/session/protocol.h"
#include "common/status/macros.h"

namespace consort::node {

Session::Session(StreamFactory& factory, Executor& executor, SessionOwner& owner, Backoff backoff)
    : factory_(factory), executor_(executor), owner_(owner), backoff_(std::move(backoff)) {}

void Session::Start() {
  state_ = State::kConnecting;
  Connect();
}

void Session::Stop() {
  state_ = State::kStopped;
  executor_.Cancel(timer_);
  ++stream_number_;
  stream_.reset();
}

absl::StatusOr<uint64_t> Session::Send(v1::Envelope envelope) {
  auto numbered = outbox_.Add(std::move(envelope));
  if (!numbered.ok()) {
    Reopen(/*fresh=*/true);
    return numbered.status();
  }
  const uint64_t sequence = numbered->sequence();
  if (connected()) Write(*std::move(numbered));
  return sequence;
}

void Session::Reopen(bool fresh) {
  if (state_ == State::kStopped) return;
  if (fresh) session_id_.clear();
  Close(absl::UnavailableError("the node opens its session again"), absl::ZeroDuration());
}

void Session::Connect() {
  const uint64_t number = ++stream_number_;
  last_received_ = executor_.Monotonic();
  stream_ = factory_.Open(
      {.on_message =
           [this, number](v1::Envelope envelope) {
             executor_.Post([this, number, envelope = std::move(envelope)] { OnEnvelope(number, envelope); });
           },
       .on_closed =
           [this, number](absl::Status status) {
             executor_.Post([this, number, status = std::move(status)] { OnClosed(number, status); });
           }});
  v1::Envelope envelope;
  v1::NodeHello& hello = *envelope.mutable_node_hello();
  hello.set_protocol_version(session::kProtocolVersion);
  hello.set_session_id(session_id_);
  hello.set_acknowledged(session_id_.empty() ? 0 : inbox_.acknowledged());
  owner_.FillHello(hello);
  Write(std::move(envelope));
  timer_ = executor_.PostAfter(session::kHeartbeatInterval, [this] { Tick(); });
}

// Ends this stream and connects again after `wait`.
void Session::Close(const absl::Status& reason, absl::Duration wait) {
  last_error_ = std::string(reason.message());
  if (state_ == State::kConnected) {
    state_ = State::kConnecting;
    owner_.OnDisconnected();
  }
  ++stream_number_;
  stream_.reset();
  executor_.Cancel(timer_);
  timer_ = executor_.PostAfter(wait, [this] { Connect(); });
}

void Session::OnClosed(uint64_t stream, const absl::Status& status) {
  if (stream != stream_number_ || state_ == State::kStopped) return;
  Close(status.ok() ? absl::UnavailableError("the coordinator closed the session") : status, backoff_.Next());
}

void Session::OnEnvelope(uint64_t stream, const v1::Envelope& envelope) {
  if (stream != stream_number_ || state_ == State::kStopped) return;
  last_received_ = executor_.Monotonic();
  const absl::Status handled = HandleEnvelope(envelope);
  // The owner may have closed or reopened the session meanwhile.
  if (!handled.ok() && stream == stream_number_ && state_ != State::kStopped) Close(handled, backoff_.Next());
}

absl::Status Session::HandleEnvelope(const v1::Envelope& envelope) {
  if (envelope.has_session_refused()) {
    HandleRefusal(envelope.session_refused());
    return absl::OkStatus();
  }
  if (envelope.has_welcome()) return HandleWelcome(envelope.welcome());
  if (!connected()) return absl::InvalidArgumentError("the coordinator sent a message before its welcome");
  RETURN_IF_ERROR(outbox_.Acknowledge(envelope.acknowledged()));
  ASSIGN_OR_RETURN(const auto arrival, inbox_.Accept(envelope));
  if (arrival == session::SequencedInbox::Arrival::kNew) {
    owner_.OnMessage(envelope);
    if (connected() && inbox_.unacknowledged() >= session::kAcknowledgeEvery) Beat();
  }
  return absl::OkStatus();
}

absl::Status Session::HandleWelcome(const v1::Welcome& welcome) {
  const bool resumed = !session_id_.empty() && welcome.session_id() == session_id_;
  std::vector<v1::Envelope> replay;
  if (resumed) {
    auto unheard = outbox_.After(welcome.acknowledged());
    if (!unheard.ok()) {
      session_id_.clear();  // the two ends remember different sessions: begin anew
      return unheard.status();
    }
    replay = *std::move(unheard);
    RETURN_IF_ERROR(outbox_.Acknowledge(welcome.acknowledged()));
  } else {
    outbox_.Reset();
    inbox_.Reset();
    session_id_ = welcome.session_id();
  }
  state_ = State::kConnected;
  connected_since_ = executor_.WallClock();
  last_error_.clear();
  backoff_.Reset();
  const uint64_t stream = stream_number_;
  RETURN_IF_ERROR(owner_.OnWelcome(welcome, resumed));
  if (stream != stream_number_) return absl::OkStatus();
  for (v1::Envelope& envelope : replay) Write(std::move(envelope));
  return absl::OkStatus();
}

void Session::HandleRefusal(const v1::SessionRefused& refused) {
  // Draining ends soon; every other refusal needs a person, so ask seldom.
  const bool lasting = refused.code() != "draining";
  if (lasting) backoff_.Slow();
  Close(absl::PermissionDeniedError(
            absl::StrCat("the coordinator refuses the session: ", refused.code(), ": ", refused.detail())),
        backoff_.Next());
  if (lasting) state_ = State::kRefused;
}

void Session::Write(v1::Envelope envelope) {
  if (stream_ == nullptr) return;
  envelope.set_acknowledged(inbox_.acknowledged());
  inbox_.MarkAcknowledged();
  last_sent_ = executor_.Monotonic();
  owner_.OnSent(envelope);
  stream_->Write(envelope);
}

// Every heartbeat interval: is the peer alive, and does it know that we are?
void Session::Tick() {
  const absl::Duration silence = executor_.Monotonic() - last_received_;
  const absl::Duration limit = connected() ? session::kGoneAfter : session::kGreetingWithin;
  if (silence >= limit) {
    Close(absl::UnavailableError(
              absl::StrCat("the coordinator has been silent for ", absl::FormatDuration(silence))),
          backoff_.Next());
    return;
  }
  if (connected() && executor_.Monotonic() - last_sent_ >= session::kHeartbeatInterval / 2) Beat();
  timer_ = executor_.PostAfter(session::kHeartbeatInterval, [this] { Tick(); });
}

void Session::Beat() {
  v1::Envelope envelope;
  envelope.mutable_heartbeat()->set_unix_millis(absl::ToUnixMillis(executor_.WallClock()));
  *envelope.mutable_heartbeat()->mutable_health() = owner_.Health();
  Write(std::move(envelope));
}

}  // namespace consort::node
