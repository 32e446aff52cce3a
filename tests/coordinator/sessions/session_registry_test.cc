#include "coordinator/sessions/session_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/metrics/registry.h"
#include "common/session/protocol.h"
#include "tests/support/simulated_executor.h"

namespace consort::coordinator {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class FakeWire : public SessionWire {
 public:
  void Write(const v1::Envelope& envelope) override { written.push_back(envelope); }
  void End(const absl::Status& status) override { ended.push_back(status); }
  std::vector<v1::Envelope> written;
  std::vector<absl::Status> ended;
};

class FakeEvents : public NodeEvents {
 public:
  void OnSessionStarted(const std::string& archive, const v1::NodeHello&) override {
    Note("started", archive);
  }
  void OnSessionResumed(const std::string& archive) override { Note("resumed", archive); }
  void OnSessionGone(const std::string& archive) override { Note("gone", archive); }
  void OnMessage(const std::string&, const v1::Envelope& envelope) override {
    messages.push_back(envelope.request_id());
  }
  std::vector<std::string> events;
  std::vector<std::string> messages;

 private:
  void Note(const std::string& what, const std::string& archive) { events.push_back(what + " " + archive); }
};

class SessionRegistryTest : public ::testing::Test {
 protected:
  SessionRegistryTest() { registry_.SetEvents(events_); }

  struct Peer {
    std::shared_ptr<FakeWire> wire = std::make_shared<FakeWire>();
    SessionRegistry::StreamId stream = 0;
    std::string session_id() const { return wire->written.at(0).welcome().session_id(); }
  };
  Peer Attach(const std::string& archive) {
    Peer peer;
    peer.stream = registry_.Attach(archive, peer.wire);
    return peer;
  }
  static v1::Envelope Hello(const std::string& session_id = "", uint64_t acknowledged = 0) {
    v1::Envelope envelope;
    v1::NodeHello& hello = *envelope.mutable_node_hello();
    hello.set_protocol_version(1);
    hello.add_capabilities(session::kCapabilityRing32);
    hello.add_capabilities(session::kCapabilityPlain);
    hello.set_session_id(session_id);
    hello.set_acknowledged(acknowledged);
    return envelope;
  }
  Peer Connect(const std::string& archive) {
    Peer peer = Attach(archive);
    registry_.OnEnvelope(peer.stream, Hello());
    return peer;
  }
  static v1::Envelope Message(uint64_t sequence, const std::string& request_id) {
    v1::Envelope envelope;
    envelope.set_sequence(sequence);
    envelope.set_request_id(request_id);
    envelope.mutable_task_progress();
    return envelope;
  }
  void SendTask(const std::string& request_id) {
    v1::Envelope envelope;
    envelope.set_request_id(request_id);
    envelope.mutable_job_offer();
    registry_.Send("a", envelope);
  }
  // Request ids of the tasks that were written.
  static std::vector<std::string> Tasks(const Peer& peer) {
    std::vector<std::string> ids;
    for (const v1::Envelope& envelope : peer.wire->written) {
      if (envelope.has_job_offer()) ids.push_back(envelope.request_id());
    }
    return ids;
  }
  static v1::Envelope Beat() {
    v1::Envelope beat;
    beat.mutable_heartbeat()->mutable_health()->set_free_disk_bytes(5);
    return beat;
  }
  static size_t Heartbeats(const Peer& peer) {
    size_t count = 0;
    for (const v1::Envelope& envelope : peer.wire->written) count += envelope.has_heartbeat();
    return count;
  }
  std::string State() const { return registry_.PresenceOf("a").state; }

  testing::SimulatedExecutor executor_;
  MetricsRegistry metrics_registry_;
  FederationMetrics metrics_{metrics_registry_};
  FakeEvents events_;
  SessionRegistry registry_{executor_,
                            {"ledger.test.example/music", "music", "log-vkey"},
                            [](const std::string& archive) -> absl::StatusOr<uint64_t> {
                              if (archive == "stranger") return absl::NotFoundError("no such member");
                              return 17;
                            },
                            metrics_};
};

TEST_F(SessionRegistryTest, AHelloIsWelcomedWithWhatTheNodeChecks) {
  const Peer peer = Connect("a");
  ASSERT_THAT(peer.wire->written, SizeIs(1));
  const v1::Welcome& welcome = peer.wire->written[0].welcome();
  EXPECT_EQ(welcome.ledger_origin(), "ledger.test.example/music");
  EXPECT_EQ(welcome.log_vkey(), "log-vkey");
  EXPECT_EQ(welcome.node_seq(), 17u);
  EXPECT_THAT(welcome.session_id(), SizeIs(32));
  EXPECT_THAT(events_.events, ElementsAre("started a"));
  EXPECT_EQ(State(), "connected");
}

TEST_F(SessionRegistryTest, AnotherProtocolVersionIsRefusedByName) {
  const Peer peer = Attach("a");
  v1::Envelope hello = Hello();
  hello.mutable_node_hello()->set_protocol_version(2);
  registry_.OnEnvelope(peer.stream, hello);
  EXPECT_EQ(peer.wire->written.at(0).session_refused().code(), "protocol-version");
  EXPECT_THAT(peer.wire->written.at(0).session_refused().detail(), HasSubstr("version 2"));
  EXPECT_THAT(peer.wire->ended, SizeIs(1));
  EXPECT_THAT(events_.events, IsEmpty());
}

TEST_F(SessionRegistryTest, AMissingCapabilityIsRefusedByName) {
  const Peer peer = Attach("a");
  v1::Envelope hello = Hello();
  hello.mutable_node_hello()->clear_capabilities();
  registry_.OnEnvelope(peer.stream, hello);
  EXPECT_EQ(peer.wire->written.at(0).session_refused().code(), "capability");
  EXPECT_THAT(peer.wire->written.at(0).session_refused().detail(), HasSubstr("update.ring32"));
}

TEST_F(SessionRegistryTest, AnArchiveThatIsNotEnrolledIsRefusedByName) {
  const Peer peer = Attach("stranger");
  registry_.OnEnvelope(peer.stream, Hello());
  EXPECT_EQ(peer.wire->written.at(0).session_refused().code(), "name");
}

TEST_F(SessionRegistryTest, AMessageBeforeTheHelloEndsTheStream) {
  const Peer peer = Attach("a");
  registry_.OnEnvelope(peer.stream, Message(1, "x"));
  EXPECT_THAT(peer.wire->ended, SizeIs(1));
  EXPECT_THAT(events_.messages, IsEmpty());
}

TEST_F(SessionRegistryTest, AStreamThatNeverSaysHelloIsEndedAfterTwentySeconds) {
  const Peer peer = Attach("a");
  executor_.Advance(absl::Seconds(19));
  EXPECT_THAT(peer.wire->ended, IsEmpty());
  executor_.Advance(absl::Seconds(1));
  EXPECT_THAT(peer.wire->ended, SizeIs(1));
}

TEST_F(SessionRegistryTest, ARepeatedMessageIsHandledOnce) {
  const Peer peer = Connect("a");
  registry_.OnEnvelope(peer.stream, Message(1, "one"));
  registry_.OnEnvelope(peer.stream, Message(1, "one"));
  registry_.OnEnvelope(peer.stream, Message(2, "two"));
  EXPECT_THAT(events_.messages, ElementsAre("one", "two"));
}

TEST_F(SessionRegistryTest, AGapEndsTheStreamSoThatItIsReplayed) {
  const Peer peer = Connect("a");
  registry_.OnEnvelope(peer.stream, Message(2, "two"));
  EXPECT_THAT(events_.messages, IsEmpty());
  EXPECT_THAT(peer.wire->ended, SizeIs(1));
  EXPECT_EQ(State(), "gone");
}

TEST_F(SessionRegistryTest, AResumedSessionReplaysWhatWasNotAcknowledged) {
  const Peer first = Connect("a");
  SendTask("one");
  SendTask("two");
  registry_.OnClosed(first.stream);
  EXPECT_EQ(State(), "gone");
  SendTask("three");  // while it is away

  const Peer second = Attach("a");
  registry_.OnEnvelope(second.stream, Hello(first.session_id(), /*acknowledged=*/1));
  EXPECT_EQ(second.session_id(), first.session_id());
  EXPECT_THAT(Tasks(second), ElementsAre("two", "three"));
  EXPECT_THAT(events_.events, ElementsAre("started a", "gone a", "resumed a"));
}

TEST_F(SessionRegistryTest, AResumedSessionStillDropsRepeatedMessages) {
  const Peer first = Connect("a");
  registry_.OnEnvelope(first.stream, Message(1, "one"));
  registry_.OnClosed(first.stream);
  const Peer second = Attach("a");
  registry_.OnEnvelope(second.stream, Hello(first.session_id()));
  EXPECT_EQ(second.wire->written.at(0).welcome().acknowledged(), 1u);
  registry_.OnEnvelope(second.stream, Message(1, "one"));
  registry_.OnEnvelope(second.stream, Message(2, "two"));
  EXPECT_THAT(events_.messages, ElementsAre("one", "two"));
}

TEST_F(SessionRegistryTest, AnUnknownSessionBeginsAnewAndReplaysNothing) {
  const Peer first = Connect("a");
  SendTask("one");
  registry_.OnClosed(first.stream);
  const Peer second = Attach("a");
  registry_.OnEnvelope(second.stream, Hello("0123456789abcdef0123456789abcdef"));
  EXPECT_NE(second.session_id(), first.session_id());
  EXPECT_THAT(Tasks(second), IsEmpty());
  EXPECT_THAT(events_.events, ElementsAre("started a", "gone a", "started a"));
}

TEST_F(SessionRegistryTest, ANewerSessionSupersedesTheOlder) {
  const Peer first = Connect("a");
  const Peer second = Connect("a");
  EXPECT_EQ(first.wire->written.back().session_refused().code(), "superseded");
  EXPECT_THAT(first.wire->ended, SizeIs(1));
  EXPECT_EQ(State(), "connected");
  registry_.OnClosed(first.stream);  // the older stream's end changes nothing
  EXPECT_TRUE(registry_.Connected("a"));
  SendTask("one");
  EXPECT_THAT(Tasks(second), ElementsAre("one"));
}

TEST_F(SessionRegistryTest, AHeartbeatIsAnsweredOnlyAfterFifteenQuietSeconds) {
  const Peer peer = Connect("a");
  executor_.Advance(absl::Seconds(14));
  registry_.OnEnvelope(peer.stream, Beat());
  EXPECT_EQ(Heartbeats(peer), 0u);
  executor_.Advance(absl::Seconds(1));
  registry_.OnEnvelope(peer.stream, Beat());
  EXPECT_EQ(Heartbeats(peer), 1u);
  SendTask("one");
  executor_.Advance(absl::Seconds(14));
  registry_.OnEnvelope(peer.stream, Beat());
  EXPECT_EQ(Heartbeats(peer), 1u);
}

TEST_F(SessionRegistryTest, AHeartbeatAfterAMessageIsAnsweredAtOnceWithTheAcknowledgement) {
  const Peer peer = Connect("a");
  registry_.OnEnvelope(peer.stream, Message(1, "x"));
  EXPECT_EQ(Heartbeats(peer), 0u);
  registry_.OnEnvelope(peer.stream, Beat());
  ASSERT_EQ(Heartbeats(peer), 1u);
  EXPECT_EQ(peer.wire->written.back().acknowledged(), 1u);
}

TEST_F(SessionRegistryTest, ANodeThatSaysNothingStillHearsAHeartbeat) {
  const Peer peer = Connect("a");
  executor_.Advance(absl::Seconds(18));
  EXPECT_EQ(Heartbeats(peer), 1u);
}

TEST_F(SessionRegistryTest, ANodeIsSilentAfterNineSecondsAndGoneAfterSixty) {
  const Peer peer = Connect("a");
  executor_.Advance(absl::Seconds(8.9));
  EXPECT_EQ(State(), "connected");
  executor_.Advance(absl::Seconds(0.1));
  EXPECT_EQ(State(), "silent");
  EXPECT_TRUE(registry_.Connected("a"));
  executor_.Advance(absl::Seconds(50));
  EXPECT_EQ(State(), "silent");
  executor_.Advance(absl::Seconds(1));
  EXPECT_EQ(State(), "gone");
  EXPECT_THAT(events_.events, ElementsAre("started a", "gone a"));
  EXPECT_THAT(peer.wire->ended, SizeIs(1));
}

TEST_F(SessionRegistryTest, AnyMessageIsASignOfLife) {
  const Peer peer = Connect("a");
  executor_.Advance(absl::Seconds(59));
  registry_.OnEnvelope(peer.stream, Beat());
  EXPECT_EQ(State(), "connected");
  EXPECT_EQ(registry_.PresenceOf("a").health.free_disk_bytes(), 5u);
  executor_.Advance(absl::Seconds(59));
  EXPECT_TRUE(registry_.Connected("a"));
}

TEST_F(SessionRegistryTest, AStreamThatEndsIsGoneAtOnce) {
  const Peer peer = Connect("a");
  registry_.OnClosed(peer.stream);
  EXPECT_FALSE(registry_.Connected("a"));
  EXPECT_EQ(State(), "gone");
  EXPECT_EQ(registry_.PresenceOf("b").state, "never");
}

TEST_F(SessionRegistryTest, ManyMessagesAreAcknowledgedAtOnce) {
  const Peer peer = Connect("a");
  for (uint64_t i = 1; i <= session::kAcknowledgeEvery; ++i)
    registry_.OnEnvelope(peer.stream, Message(i, "x"));
  ASSERT_EQ(Heartbeats(peer), 1u);
  EXPECT_EQ(peer.wire->written.back().acknowledged(), session::kAcknowledgeEvery);
}

TEST_F(SessionRegistryTest, APeerThatNeverAcknowledgesLosesItsSessionNotOurMemory) {
  const Peer first = Connect("a");
  for (size_t i = 0; i <= session::kMaxUnacknowledgedMessages; ++i) SendTask("x");
  EXPECT_EQ(State(), "gone");
  const Peer second = Attach("a");
  registry_.OnEnvelope(second.stream, Hello(first.session_id()));
  EXPECT_NE(second.session_id(), first.session_id());
}

TEST_F(SessionRegistryTest, ARevokedArchiveIsToldAndCannotResume) {
  const Peer first = Connect("a");
  registry_.Disconnect("a", "revoked");
  EXPECT_EQ(first.wire->written.back().session_refused().code(), "revoked");
  EXPECT_FALSE(registry_.Connected("a"));
  const Peer second = Attach("a");
  registry_.OnEnvelope(second.stream, Hello(first.session_id()));
  EXPECT_NE(second.session_id(), first.session_id());
}

TEST_F(SessionRegistryTest, ADrainingCoordinatorEndsSessionsAndTakesNoNewOnes) {
  const Peer first = Connect("a");
  registry_.Drain();
  EXPECT_EQ(first.wire->written.back().session_refused().code(), "draining");
  const Peer second = Connect("a");
  EXPECT_EQ(second.wire->written.at(0).session_refused().code(), "draining");
}

TEST_F(SessionRegistryTest, MessagesForAnArchiveWithoutASessionAreDropped) {
  SendTask("one");
  const Peer peer = Connect("a");
  EXPECT_THAT(Tasks(peer), IsEmpty());
}

TEST_F(SessionRegistryTest, ConnectedNodesAreCounted) {
  Connect("a");
  const Peer b = Connect("b");
  EXPECT_EQ(registry_.connected(), 2u);
  EXPECT_THAT(metrics_registry_.Render(), HasSubstr("consort_connected_nodes 2"));
  registry_.OnClosed(b.stream);
  EXPECT_THAT(metrics_registry_.Render(), HasSubstr("consort_connected_nodes 1"));
}

}  // namespace
}  // namespace consort::coordinator
