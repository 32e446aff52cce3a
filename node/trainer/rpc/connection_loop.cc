#include "node/trainer/rpc/connection_loop.h"

#include <errno.h>
#include <fcntl.h>
#include <grpcpp/server_posix.h>
#include <poll.h>
#include <sys/socket.h>

#include "absl/strings/str_cat.h"

namespace consort::trainer {
namespace {

absl::Status RequireListening(int descriptor) {
  int listening = 0;
  socklen_t size = sizeof(listening);
  if (getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && listening == 1) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("the inherited descriptor is no listening socket; start consort-trainer through its "
                   "daemon or with systemd: ",
                   "descriptor ", descriptor));
}

// The connection was gone before it was taken, or a signal came between.
bool Transient(int error) { return error == EAGAIN || error == ECONNABORTED || error == EINTR; }

}  // namespace

absl::Status ServeConnections(int listener, int signals, grpc::Server& server) {
  if (absl::Status listening = RequireListening(listener); !listening.ok()) return listening;
  fcntl(listener, F_SETFL, fcntl(listener, F_GETFL) | O_NONBLOCK);
  for (;;) {
    pollfd ready[] = {{listener, POLLIN, 0}, {signals, POLLIN, 0}};
    if (poll(ready, 2, /*timeout=*/-1) < 0 && errno != EINTR) {
      return absl::ErrnoToStatus(errno, "the trainer cannot wait for connections");
    }
    if (ready[1].revents != 0) return absl::OkStatus();
    if (ready[0].revents == 0) continue;
    const int connection = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (connection >= 0) {
      grpc::AddInsecureChannelFromFd(&server, connection);
    } else if (!Transient(errno)) {
      return absl::InternalError(absl::StrCat("the trainer cannot accept connections: errno ", errno));
    }
  }
}

}  // namespace consort::trainer
