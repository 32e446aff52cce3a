#include "node/state/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace consort::node {

absl::StatusOr<FolderLock> FolderLock::Take(const std::string& path) {
  ASSIGN_OR_RETURN(FileDescriptor file, OpenFile(path, O_RDWR | O_CREAT));
  if (flock(file.get(), LOCK_EX | LOCK_NB) == 0) return FolderLock(std::move(file));
  return absl::FailedPreconditionError(
      absl::StrCat("another daemon already uses this state; stop it first: ", path, " is locked"));
}

}  // namespace consort::node
