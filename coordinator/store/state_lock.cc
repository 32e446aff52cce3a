#include "coordinator/store/state_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace consort::coordinator {

absl::StatusOr<std::unique_ptr<StateLock>> StateLock::Take(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return absl::InternalError(absl::StrCat("cannot open the lock file ", path, ": ", std::strerror(errno)));
  }
  std::unique_ptr<StateLock> lock(new StateLock(descriptor));
  if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("another coordinator already uses this state; stop it first: ", path, " is locked"));
  }
  return lock;
}

StateLock::~StateLock() { close(descriptor_); }

}  // namespace consort::coordinator
