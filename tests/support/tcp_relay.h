// A bad link on loopback: forwards TCP connections to a server, slowly, not at all, or until cut.
#ifndef CONSORT_TESTS_SUPPORT_TCP_RELAY_H_
#define CONSORT_TESTS_SUPPORT_TCP_RELAY_H_

#include <cstdint>
#include <list>
#include <string>
#include <thread>

#include "absl/time/time.h"
#include "common/sync/mutex.h"

namespace consort::testing {

// Listens on a free port of loopback from construction on. All connections together share the link's rate,
// each direction for itself. Calls from any thread; set-up that fails ends the program.
class TcpRelay {
 public:
  explicit TcpRelay(int target_port);
  // Cuts what is open.
  ~TcpRelay();
  TcpRelay(const TcpRelay&) = delete;
  TcpRelay& operator=(const TcpRelay&) = delete;

  int port() const { return port_; }
  std::string address() const;  // HOST:PORT

  // Bytes per second in each direction from now on; 0 for as fast as it goes.
  void SetRate(int64_t bytes_per_second);
  // Forwards nothing more, neither bytes nor ends, and closes nothing: a link that went dark.
  void Stall();
  void Resume();
  // Resets every open connection. New ones are served.
  void Cut();

  // Bytes forwarded from clients to the server since construction.
  int64_t bytes_up() const;
  // True once bytes_up() has reached `bytes`; false when `limit` passed first.
  bool WaitForBytesUp(int64_t bytes, absl::Duration limit);

 private:
  enum Direction { kUp, kDown };
  struct Connection {
    int client = -1;  // both -1 once closed
    int server = -1;
    bool cut = false;
    std::thread thread;
  };

  void Accept();
  void Serve(Connection& connection);
  void Pump(Connection& connection, int from, int to, Direction direction);
  // Waits until the link lets `bytes` pass. False when the connection was cut meanwhile.
  bool AwaitTurn(const Connection& connection, Direction direction, int64_t bytes);
  void CutConnection(Connection& connection) CONSORT_REQUIRES(mutex_);

  const int target_port_;
  int listener_ = -1;
  int port_ = 0;
  mutable Mutex mutex_;
  CondVar changed_;
  bool stopping_ CONSORT_GUARDED_BY(mutex_) = false;
  bool stalled_ CONSORT_GUARDED_BY(mutex_) = false;
  int64_t rate_ CONSORT_GUARDED_BY(mutex_) = 0;
  int64_t bytes_up_ CONSORT_GUARDED_BY(mutex_) = 0;
  absl::Time free_at_[2] CONSORT_GUARDED_BY(mutex_);              // when each direction has sent what it took
  std::list<Connection> connections_ CONSORT_GUARDED_BY(mutex_);  // closed ones stay to the end
  std::thread acceptor_;
};

}  // namespace consort::testing

#endif  // CONSORT_TESTS_SUPPORT_TCP_RELAY_H_
