#include "tests/support/tcp_relay.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "tests/support/loopback.h"

namespace consort::testing {
namespace {

constexpr absl::Duration kSoon = absl::Seconds(30);

// A client and a server with the relay between them.
class TcpRelayTest : public ::testing::Test {
 protected:
  TcpRelayTest() : listener_(ListenOnLoopback()), relay_(PortOf(listener_)) {
    client_ = ConnectToLoopback(relay_.port());
    server_ = accept(listener_, nullptr, nullptr);
  }
  ~TcpRelayTest() override {
    for (const int descriptor : {client_, server_, listener_}) close(descriptor);
  }
  static void Send(int descriptor, const std::string& bytes) {
    ASSERT_EQ(send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  static std::string Receive(int descriptor, size_t count) {
    std::string bytes(count, '\0');
    const ssize_t got = recv(descriptor, bytes.data(), count, MSG_WAITALL);
    bytes.resize(got < 0 ? 0 : static_cast<size_t>(got));
    return bytes;
  }
  static bool Readable(int descriptor) {
    pollfd watched = {descriptor, POLLIN, 0};
    return poll(&watched, 1, /*timeout=*/0) == 1;
  }

  int listener_;
  TcpRelay relay_;
  int client_ = -1;
  int server_ = -1;
};

TEST_F(TcpRelayTest, ForwardsBothWaysAndCountsWhatGoesUp) {
  Send(client_, "question");
  EXPECT_EQ(Receive(server_, 8), "question");
  Send(server_, "answer");
  EXPECT_EQ(Receive(client_, 6), "answer");
  EXPECT_TRUE(relay_.WaitForBytesUp(8, kSoon));
  EXPECT_EQ(relay_.bytes_up(), 8);
}

TEST_F(TcpRelayTest, AnEndIsForwarded) {
  shutdown(client_, SHUT_WR);
  EXPECT_EQ(Receive(server_, 1), "");
}

TEST_F(TcpRelayTest, StalledLinkForwardsNothingUntilItResumes) {
  relay_.Stall();
  Send(client_, "late");
  EXPECT_FALSE(relay_.WaitForBytesUp(1, absl::Milliseconds(50)));
  EXPECT_FALSE(Readable(server_));
  relay_.Resume();
  EXPECT_EQ(Receive(server_, 4), "late");
}

TEST_F(TcpRelayTest, CutEndsBothSidesAndServesNewConnections) {
  relay_.Cut();
  EXPECT_EQ(Receive(client_, 1), "");
  EXPECT_EQ(Receive(server_, 1), "");
  const int again = ConnectToLoopback(relay_.port());
  const int served = accept(listener_, nullptr, nullptr);
  Send(again, "new");
  EXPECT_EQ(Receive(served, 3), "new");
  close(again);
  close(served);
}

TEST_F(TcpRelayTest, NeverFasterThanItsRate) {
  relay_.SetRate(100'000);
  const absl::Time start = absl::Now();
  Send(client_, std::string(20'000, 'x'));
  EXPECT_EQ(Receive(server_, 20'000).size(), 20'000u);
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(190));  // a floor: load only makes it longer
}

}  // namespace
}  // namespace consort::testing
