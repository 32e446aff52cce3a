// Keeps two processes off one folder.
#ifndef CONSORT_NODE_STATE_FOLDER_LOCK_H_
#define CONSORT_NODE_STATE_FOLDER_LOCK_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/artifact/durable_file.h"

namespace consort::node {

// An advisory lock (flock) on a file, held for as long as this lives. The kernel lets go of it when the
// process ends, however it ends; the file stays.
class FolderLock {
 public:
  // Errors: FailedPrecondition if it is held already; otherwise as OpenFile.
  static absl::StatusOr<FolderLock> Take(const std::string& path);

 private:
  explicit FolderLock(FileDescriptor file) : file_(std::move(file)) {}
  FileDescriptor file_;
};

}  // namespace consort::node

#endif  // CONSORT_NODE_STATE_FOLDER_LOCK_H_
