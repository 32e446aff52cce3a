#include "node/control/control_socket.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "common/artifact/durable_file.h"
#include "common/launcher/listening_socket.h"
#include "common/status/macros.h"
#include "spdlog/spdlog.h"

namespace consort::node {

absl::StatusOr<std::unique_ptr<ControlSocket>> ControlSocket::Open(const std::string& path,
                                                                   absl::flat_hash_set<uid_t> allowed,
                                                                   Take take) {
  ASSIGN_OR_RETURN(const int listener, ListenOnUnixSocket(path));
  const int wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake < 0) {
    const int error = errno;
    close(listener);
    return StatusOfErrno(error, "making the control socket's end signal");
  }
  allowed.insert(0);
  allowed.insert(geteuid());
  return std::unique_ptr<ControlSocket>(
      new ControlSocket(path, listener, wake, std::move(allowed), std::move(take)));
}

ControlSocket::ControlSocket(std::string path, int listener, int wake, absl::flat_hash_set<uid_t> allowed,
                             Take take)
    : path_(std::move(path)),
      listener_(listener),
      wake_(wake),
      allowed_(std::move(allowed)),
      take_(std::move(take)),
      thread_([this] { Run(); }) {}

ControlSocket::~ControlSocket() {
  const uint64_t one = 1;
  // An eventfd that counts to one cannot be full.
  [[maybe_unused]] const ssize_t written = write(wake_, &one, sizeof(one));
  thread_.join();
  close(listener_);
  close(wake_);
  unlink(path_.c_str());
}

void ControlSocket::Run() {
  pollfd waits[] = {{listener_, POLLIN, 0}, {wake_, POLLIN, 0}};
  while (true) {
    if (poll(waits, 2, -1) < 0 && errno != EINTR) {
      spdlog::error("control socket no longer accepts: {}",
                    std::string(StatusOfErrno(errno, "poll").message()));
      return;
    }
    if (waits[1].revents != 0) return;
    if (waits[0].revents == 0) continue;
    const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (connection >= 0) Admit(connection);
  }
}

void ControlSocket::Admit(int connection) const {
  ucred peer{};
  socklen_t length = sizeof(peer);
  const bool known = getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0;
  if (known && allowed_.contains(peer.uid)) return take_(connection);
  spdlog::warn("control socket: user id {} refused; add it to [control] uids to let it in",
               known ? peer.uid : ~0u);
  close(connection);
}

}  // namespace consort::node
