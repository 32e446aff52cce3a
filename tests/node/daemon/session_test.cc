#include "node/daemon/session.h"

#include "common/session/protocol.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/node/daemon/fake_coordinator.h"
#include "tests/support/simulated_executor.h"
#include "tests/support/status_matchers.h"

namespace consort::node {
namespace {

class RecordingOwner : public SessionOwner {
 public:
  void FillHello(v1::NodeHello& hello) override { hello.set_node_seq(5); }
  v1::NodeHealth Health() override { return {}; }
  absl::Status OnWelcome(const v1::Welcome&, bool resumed) override {
    welcomes.push_back(resumed);
    return welcome_status;
  }
  void OnMessage(const v1::Envelope& envelope) override { messages.push_back(envelope.request_id()); }
  void OnDisconnected() override { ++disconnections; }
  void OnSent(const v1::Envelope& envelope) override { heartbeats += envelope.has_heartbeat(); }

  std::vector<bool> welcomes;
  std::vector<std::string> messages;
  int heartbeats = 0;
  int disconnections = 0;
  absl::Status welcome_status;
};

v1::Envelope Message(const std::string& request) {
  v1::Envelope envelope;
  envelope.set_request_id(request);
  envelope.mutable_task_progress();
  return envelope;
}

class SessionTest : public ::testing::Test {
 protected:
  void Start() {
    session_.Start();
    executor_.RunUntilIdle();
  }
  std::vector<std::string> Received() const {
    std::vector<std::string> requests;
    for (const v1::Envelope& envelope : coordinator_.received) requests.push_back(envelope.request_id());
    return requests;
  }

  testing::SimulatedExecutor executor_;
  FakeCoordinator coordinator_;
  RecordingOwner owner_;
  Session session_{coordinator_, executor_, owner_, Backoff([] { return 1.0; })};
};

TEST_F(SessionTest, GreetsAndConnects) {
  Start();
  EXPECT_TRUE(session_.connected());
  EXPECT_EQ(coordinator_.hellos.at(0).protocol_version(), 1);
  EXPECT_EQ(coordinator_.hellos.at(0).node_seq(), 5);
  EXPECT_THAT(owner_.welcomes, ::testing::ElementsAre(false));
}

TEST_F(SessionTest, MessagesSentWhileCutArriveOnceAndInOrderAfterResuming) {
  Start();
  ASSERT_TRUE(session_.Send(Message("a")).ok());
  coordinator_.Cut();
  executor_.RunUntilIdle();
  ASSERT_TRUE(session_.Send(Message("b")).ok());
  ASSERT_TRUE(session_.Send(Message("c")).ok());
  EXPECT_EQ(owner_.disconnections, 1);
  executor_.Advance(absl::Seconds(2));
  EXPECT_THAT(owner_.welcomes, ::testing::ElementsAre(false, true));
  EXPECT_THAT(Received(), ::testing::ElementsAre("a", "b", "c"));
}

TEST_F(SessionTest, MessagesOfTheCoordinatorAreActedOnOnce) {
  Start();
  coordinator_.Send(Message("x"));  // delivered, not yet acknowledged
  executor_.RunUntilIdle();
  coordinator_.Cut();
  coordinator_.Send(Message("y"));
  executor_.Advance(absl::Seconds(2));
  EXPECT_THAT(owner_.messages, ::testing::ElementsAre("x", "y"));
}

TEST_F(SessionTest, NewSessionForgetsWhatTheOldOneHadNotDelivered) {
  Start();
  coordinator_.Restart();
  executor_.RunUntilIdle();
  ASSERT_TRUE(session_.Send(Message("old")).ok());
  executor_.Advance(absl::Seconds(2));
  EXPECT_THAT(owner_.welcomes, ::testing::ElementsAre(false, false));
  ASSERT_TRUE(session_.Send(Message("new")).ok());
  EXPECT_THAT(Received(), ::testing::ElementsAre("new"));
}

TEST_F(SessionTest, HeartbeatsGoOutWhileNothingElseDoes) {
  Start();
  executor_.Advance(absl::Seconds(30));
  EXPECT_GE(owner_.heartbeats, 9);
  EXPECT_LE(owner_.heartbeats, 11);
}

TEST_F(SessionTest, SilentCoordinatorIsGoneAfterAMinute) {
  Start();
  executor_.Advance(absl::Seconds(57));
  EXPECT_EQ(coordinator_.connections, 1);
  executor_.Advance(absl::Seconds(6));
  EXPECT_EQ(coordinator_.connections, 2);
}

TEST_F(SessionTest, UnreachableCoordinatorIsTriedWithGrowingWaits) {
  coordinator_.reachable = false;
  Start();
  // Waits of 1, 2, 4, 8, 16 and then 30 s: attempts at 0, 1, 3, 7, 15, 31, 61, 91 s.
  executor_.Advance(absl::Seconds(92));
  EXPECT_EQ(coordinator_.connections, 8);
  EXPECT_EQ(session_.last_error(), "connection refused");
}

TEST_F(SessionTest, RefusedSessionIsTriedSeldomAndSaysWhy) {
  Start();
  v1::Envelope refusal;
  refusal.mutable_session_refused()->set_code("revoked");
  refusal.mutable_session_refused()->set_detail("lost-key");
  coordinator_.Send(refusal);
  executor_.RunUntilIdle();
  EXPECT_EQ(session_.state(), Session::State::kRefused);
  EXPECT_THAT(session_.last_error(), ::testing::HasSubstr("revoked: lost-key"));
  executor_.Advance(absl::Seconds(29));
  EXPECT_EQ(coordinator_.connections, 1);
}

TEST_F(SessionTest, PeerThatTheOwnerDoesNotAcceptIsLeft) {
  owner_.welcome_status = absl::PermissionDeniedError("another ledger");
  Start();
  EXPECT_FALSE(session_.connected());
  EXPECT_EQ(session_.last_error(), "another ledger");
}

TEST_F(SessionTest, StoppedSessionDoesNotConnectAgain) {
  Start();
  session_.Stop();
  executor_.Advance(absl::Minutes(5));
  EXPECT_EQ(coordinator_.connections, 1);
}

}  // namespace
}  // namespace consort::node
