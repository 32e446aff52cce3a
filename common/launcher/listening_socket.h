// The trainer's listening Unix socket, made before there is a trainer: who connects early waits in its queue.
#ifndef CONSORT_COMMON_LAUNCHER_LISTENING_SOCKET_H_
#define CONSORT_COMMON_LAUNCHER_LISTENING_SOCKET_H_

#include <string>

#include "absl/status/statusor.h"

namespace consort {

// Connections that wait to be accepted while the trainer starts.
inline constexpr int kListenBacklog = 16;

// Returns a listening descriptor (close-on-exec) bound to `path` with mode 0660. A socket there that nobody
// listens on is replaced.
// Errors: InvalidArgument for a path that is too long; AlreadyExists when somebody listens there, or what is
// there is no socket; NotFound or PermissionDenied for its folder; Internal otherwise.
absl::StatusOr<int> ListenOnUnixSocket(const std::string& path);

}  // namespace consort

#endif  // CONSORT_COMMON_LAUNCHER_LISTENING_SOCKET_H_
