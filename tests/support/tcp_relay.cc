#include "tests/support/tcp_relay.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/support/loopback.h"

namespace consort::testing {
namespace {

constexpr int kSocketBufferBytes = 32 << 10;  // small: what a dark link swallows is not much
constexpr size_t kBlockBytes = 4 << 10;       // 30 ms of 1 Mbit/s

// The other end gets a reset rather than an orderly end.
void ResetAtClose(int descriptor) {
  const linger at_once = {1, 0};
  setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

bool SendAll(int descriptor, const char* bytes, size_t count) {
  while (count > 0) {
    const ssize_t sent = send(descriptor, bytes, count, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes += sent;
    count -= static_cast<size_t>(sent);
  }
  return true;
}

}  // namespace

TcpRelay::TcpRelay(int target_port) : target_port_(target_port), listener_(ListenOnLoopback()) {
  setsockopt(listener_, SOL_SOCKET, SO_RCVBUF, &kSocketBufferBytes, sizeof(kSocketBufferBytes));
  port_ = PortOf(listener_);
  acceptor_ = std::thread([this] { Accept(); });
}

TcpRelay::~TcpRelay() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  shutdown(listener_, SHUT_RDWR);  // ends accept
  acceptor_.join();
  close(listener_);
  Cut();
  std::vector<std::thread> threads;
  {
    MutexLock lock(mutex_);
    for (Connection& connection : connections_) threads.push_back(std::move(connection.thread));
  }
  for (std::thread& thread : threads) thread.join();
}

std::string TcpRelay::address() const { return absl::StrCat("127.0.0.1:", port_); }

void TcpRelay::SetRate(int64_t bytes_per_second) {
  MutexLock lock(mutex_);
  rate_ = bytes_per_second;
}

void TcpRelay::Stall() {
  MutexLock lock(mutex_);
  stalled_ = true;
}

void TcpRelay::Resume() {
  MutexLock lock(mutex_);
  stalled_ = false;
  changed_.NotifyAll();
}

void TcpRelay::Cut() {
  MutexLock lock(mutex_);
  for (Connection& connection : connections_) CutConnection(connection);
}

void TcpRelay::CutConnection(Connection& connection) {
  connection.cut = true;
  changed_.NotifyAll();
  for (const int descriptor : {connection.client, connection.server}) {
    if (descriptor < 0) continue;
    ResetAtClose(descriptor);
    shutdown(descriptor, SHUT_RDWR);  // wakes who reads or writes; the reset follows at close
  }
}

int64_t TcpRelay::bytes_up() const {
  MutexLock lock(mutex_);
  return bytes_up_;
}

bool TcpRelay::WaitForBytesUp(int64_t bytes, absl::Duration limit) {
  const absl::Time end = absl::Now() + limit;
  MutexLock lock(mutex_);
  while (bytes_up_ < bytes) {
    const absl::Duration left = end - absl::Now();
    if (left <= absl::ZeroDuration()) return false;
    changed_.WaitFor(mutex_, absl::ToChronoNanoseconds(left));
  }
  return true;
}

void TcpRelay::Accept() {
  while (true) {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    MutexLock lock(mutex_);
    if (stopping_) {
      if (client >= 0) close(client);
      return;
    }
    if (client < 0) continue;
    Connection& connection = connections_.emplace_back();
    connection.client = client;
    connection.thread = std::thread([this, &connection] { Serve(connection); });
  }
}

void TcpRelay::Serve(Connection& connection) {
  const int server = ConnectToLoopback(target_port_);
  int client = -1;
  {
    MutexLock lock(mutex_);
    client = connection.client;
    connection.server = server;
    if (server < 0) CutConnection(connection);
  }
  if (server >= 0) {
    std::thread down([&] { Pump(connection, server, client, kDown); });
    Pump(connection, client, server, kUp);
    down.join();
  }
  MutexLock lock(mutex_);
  close(client);
  if (server >= 0) close(server);
  connection.client = connection.server = -1;
}

void TcpRelay::Pump(Connection& connection, int from, int to, Direction direction) {
  char block[kBlockBytes];
  while (true) {
    const ssize_t count = recv(from, block, sizeof(block), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      if (count == 0 && AwaitTurn(connection, direction, 0)) {
        shutdown(to, SHUT_WR);
        return;
      }
      break;
    }
    if (!AwaitTurn(connection, direction, count)) break;
    if (!SendAll(to, block, static_cast<size_t>(count))) break;
    if (direction != kUp) continue;
    MutexLock lock(mutex_);
    bytes_up_ += count;
    changed_.NotifyAll();
  }
  MutexLock lock(mutex_);
  CutConnection(connection);
}

bool TcpRelay::AwaitTurn(const Connection& connection, Direction direction, int64_t bytes) {
  MutexLock lock(mutex_);
  if (rate_ > 0) {
    absl::Time& free_at = free_at_[direction];
    free_at = std::max(free_at, absl::Now()) + absl::Seconds(static_cast<double>(bytes) / rate_);
    const absl::Time turn = free_at;
    while (!connection.cut && absl::Now() < turn) {
      changed_.WaitFor(mutex_, absl::ToChronoNanoseconds(turn - absl::Now()));
    }
  }
  while (!connection.cut && stalled_) changed_.Wait(mutex_);
  return !connection.cut;
}

}  // namespace consort::testing
