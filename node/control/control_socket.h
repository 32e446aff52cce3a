// Lets local users in by their user id and hands their connections on.
#ifndef CONSORT_NODE_CONTROL_CONTROL_SOCKET_H_
#define CONSORT_NODE_CONTROL_CONTROL_SOCKET_H_

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"

namespace consort::node {

// Accepts on a thread of its own. The file's mode is 0660; beyond it, the kernel's word on the peer's user id
// decides (SO_PEERCRED), so that a wrong mode or group lets nobody in.
class ControlSocket {
 public:
  // Takes a connected, non-blocking descriptor that it then owns. Called on the socket's thread.
  using Take = std::function<void(int descriptor)>;

  // Listens at `path`; an abandoned socket there is replaced. `allowed`: user ids beside root and our own.
  // Errors: AlreadyExists when a daemon listens there; InvalidArgument for a path past 107 bytes; NotFound,
  // PermissionDenied for its folder; Internal.
  static absl::StatusOr<std::unique_ptr<ControlSocket>> Open(const std::string& path,
                                                             absl::flat_hash_set<uid_t> allowed, Take take);
  // Stops accepting, joins, removes the file. Connections that were handed on stay open.
  ~ControlSocket();
  ControlSocket(const ControlSocket&) = delete;
  ControlSocket& operator=(const ControlSocket&) = delete;

 private:
  ControlSocket(std::string path, int listener, int wake, absl::flat_hash_set<uid_t> allowed, Take take);
  void Run();
  void Admit(int connection) const;

  const std::string path_;
  const int listener_;
  const int wake_;  // eventfd: the end
  const absl::flat_hash_set<uid_t> allowed_;
  const Take take_;
  std::thread thread_;  // last: starts when everything above exists
};

}  // namespace consort::node

#endif  // CONSORT_NODE_CONTROL_CONTROL_SOCKET_H_
