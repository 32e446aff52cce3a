#include "common/launcher/listening_socket.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/status/macros.h"

namespace consort {
namespace {

absl::Status SocketError(absl::string_view what, const std::string& path) {
  return absl::ErrnoToStatus(errno, absl::StrCat("the trainer's socket cannot be ", what, ": ", path));
}

absl::StatusOr<int> NewSocket(const std::string& path) {
  const int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return SocketError("made", path);
  return descriptor;
}

// Removes a socket that its owner left behind; a killed process cannot tidy up.
absl::Status RemoveAbandoned(const sockaddr_un& address, const std::string& path) {
  struct stat info;
  if (lstat(path.c_str(), &info) != 0) {
    return errno == ENOENT ? absl::OkStatus() : SocketError("looked up", path);
  }
  if (!S_ISSOCK(info.st_mode)) {
    return absl::AlreadyExistsError(absl::StrCat(
        "the trainer's socket cannot be made; move what is there or configure another path: not a socket: ",
        path));
  }
  ASSIGN_OR_RETURN(const int probe, NewSocket(path));
  const bool listened_on = connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  close(probe);
  if (listened_on) {
    return absl::AlreadyExistsError(absl::StrCat(
        "the trainer's socket is in use; stop the other process or configure another path: ", path));
  }
  return unlink(path.c_str()) == 0 || errno == ENOENT ? absl::OkStatus() : SocketError("replaced", path);
}

absl::Status BindAndListen(int descriptor, const sockaddr_un& address, const std::string& path) {
  const mode_t previous = umask(0117);  // 0660 from the first moment on
  const int bound = bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  umask(previous);
  if (bound != 0) return SocketError("bound", path);
  return listen(descriptor, kListenBacklog) == 0 ? absl::OkStatus() : SocketError("listened on", path);
}

}  // namespace

absl::StatusOr<int> ListenOnUnixSocket(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) {
    return absl::InvalidArgumentError(absl::StrCat("the trainer's socket needs a path of 1 to ",
                                                   sizeof(address.sun_path) - 1, " bytes: ", path));
  }
  path.copy(address.sun_path, path.size());
  RETURN_IF_ERROR(RemoveAbandoned(address, path));
  ASSIGN_OR_RETURN(const int descriptor, NewSocket(path));
  if (absl::Status bound = BindAndListen(descriptor, address, path); !bound.ok()) {
    close(descriptor);
    return bound;
  }
  return descriptor;
}

}  // namespace consort
