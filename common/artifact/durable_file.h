// The few steps by which bytes become durable: write, sync, rename, sync the folder; and what errno means to
// us.
#ifndef CONSORT_COMMON_ARTIFACT_DURABLE_FILE_H_
#define CONSORT_COMMON_ARTIFACT_DURABLE_FILE_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace consort {

// Returns what a failed system call means: NotFound, PermissionDenied, ResourceExhausted for a full disk or
// quota, Internal otherwise. `doing` says what was tried, file name last.
absl::Status StatusOfErrno(int error_number, absl::string_view doing);

// Owns a file descriptor and closes it. Movable.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int descriptor) : descriptor_(descriptor) {}
  FileDescriptor(FileDescriptor&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~FileDescriptor();

  int get() const { return descriptor_; }

 private:
  int descriptor_ = -1;
};

// Opens `path` (O_CLOEXEC is added). Errors: as StatusOfErrno.
absl::StatusOr<FileDescriptor> OpenFile(const std::string& path, int flags, unsigned mode = 0600);
// Size of an open file. Errors: as StatusOfErrno.
absl::StatusOr<uint64_t> SizeOfFile(const FileDescriptor& file);

// Writes all of `bytes` at `offset`, going on after short writes. Errors: as StatusOfErrno; how much was
// written is then unknown.
absl::Status WriteAt(const FileDescriptor& file, uint64_t offset, absl::string_view bytes);
// Reads up to `bytes` bytes at `offset` into `out`; returns how many there were. Errors: as StatusOfErrno.
absl::StatusOr<size_t> ReadAt(const FileDescriptor& file, uint64_t offset, char* out, size_t bytes);

// Asks the kernel to begin writing a range out, so that the sync at the end has little left to wait for. Only
// a hint: a failure shows at the sync.
void StartWriteOut(const FileDescriptor& file, uint64_t offset, uint64_t bytes);

// Replaces the file at `path` whole, but not synced: a power cut may lose it. Errors: as StatusOfErrno.
absl::Status ReplaceFile(const std::string& path, absl::string_view bytes);

// fsync of an open file, a file by path, a folder, and the folder that holds `path`. Errors: as
// StatusOfErrno.
absl::Status Sync(const FileDescriptor& file);
absl::Status SyncFile(const std::string& path);
absl::Status SyncDirectory(const std::string& path);
absl::Status SyncDirectoryOf(const std::string& path);

// Renames a synced file and syncs the folder it now lies in. Errors: as StatusOfErrno.
absl::Status RenameDurably(const std::string& from, const std::string& to);

// Creates or replaces a file and syncs it, but not the folder: for a temporary name that a rename follows.
absl::Status WriteSyncedFile(const std::string& path, absl::string_view bytes);
// Writes a new file whole or not at all: `path`.partial, sync, rename, sync the folder. Replaces `path`.
absl::Status WriteFileDurably(const std::string& path, absl::string_view bytes);

}  // namespace consort

#endif  // CONSORT_COMMON_ARTIFACT_DURABLE_FILE_H_
