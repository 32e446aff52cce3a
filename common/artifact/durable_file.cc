#include "common/artifact/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace consort {

absl::Status StatusOfErrno(int error_number, absl::string_view doing) {
  const std::string message = absl::StrCat(doing, ": ", std::strerror(error_number));
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return absl::NotFoundError(message);
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::PermissionDeniedError(message);
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return absl::ResourceExhaustedError(absl::StrCat(message, "; free space on this disk"));
    default:
      return absl::InternalError(message);
  }
}

FileDescriptor::~FileDescriptor() {
  if (descriptor_ >= 0) close(descriptor_);
}

absl::StatusOr<FileDescriptor> OpenFile(const std::string& path, int flags, unsigned mode) {
  const int descriptor = open(path.c_str(), flags | O_CLOEXEC, mode);
  if (descriptor < 0) return StatusOfErrno(errno, absl::StrCat("cannot open ", path));
  return FileDescriptor(descriptor);
}

absl::StatusOr<uint64_t> SizeOfFile(const FileDescriptor& file) {
  struct stat status;
  if (fstat(file.get(), &status) != 0) return StatusOfErrno(errno, "cannot read a file's size");
  return static_cast<uint64_t>(status.st_size);
}

absl::Status WriteAt(const FileDescriptor& file, uint64_t offset, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return StatusOfErrno(errno, "cannot write to a file");
    bytes.remove_prefix(written);
    offset += written;
  }
  return absl::OkStatus();
}

absl::StatusOr<size_t> ReadAt(const FileDescriptor& file, uint64_t offset, char* out, size_t bytes) {
  size_t done = 0;
  while (done < bytes) {
    const ssize_t got = pread(file.get(), out + done, bytes - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return StatusOfErrno(errno, "cannot read a file");
    if (got == 0) break;
    done += got;
  }
  return done;
}

void StartWriteOut(const FileDescriptor& file, uint64_t offset, uint64_t bytes) {
  sync_file_range(file.get(), static_cast<off_t>(offset), static_cast<off_t>(bytes), SYNC_FILE_RANGE_WRITE);
}

absl::Status Sync(const FileDescriptor& file) {
  if (fsync(file.get()) != 0) return StatusOfErrno(errno, "cannot sync a file");
  return absl::OkStatus();
}

absl::Status SyncFile(const std::string& path) {
  ASSIGN_OR_RETURN(const FileDescriptor file, OpenFile(path, O_RDONLY));
  return Sync(file);
}

absl::Status SyncDirectory(const std::string& path) {
  ASSIGN_OR_RETURN(const FileDescriptor directory, OpenFile(path, O_RDONLY | O_DIRECTORY));
  return Sync(directory);
}

absl::Status SyncDirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return SyncDirectory(".");
  return SyncDirectory(slash == 0 ? "/" : path.substr(0, slash));
}

absl::Status RenameDurably(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0)
    return StatusOfErrno(errno, absl::StrCat("cannot name ", to));
  return SyncDirectoryOf(to);
}

absl::Status ReplaceFile(const std::string& path, absl::string_view bytes) {
  const std::string partial = absl::StrCat(path, ".partial");
  ASSIGN_OR_RETURN(const FileDescriptor file, OpenFile(partial, O_WRONLY | O_CREAT | O_TRUNC));
  RETURN_IF_ERROR(WriteAt(file, 0, bytes));
  if (std::rename(partial.c_str(), path.c_str()) == 0) return absl::OkStatus();
  return StatusOfErrno(errno, absl::StrCat("cannot name ", path));
}

absl::Status WriteSyncedFile(const std::string& path, absl::string_view bytes) {
  ASSIGN_OR_RETURN(const FileDescriptor file, OpenFile(path, O_WRONLY | O_CREAT | O_TRUNC));
  RETURN_IF_ERROR(WriteAt(file, 0, bytes));
  return Sync(file);
}

absl::Status WriteFileDurably(const std::string& path, absl::string_view bytes) {
  const std::string partial = absl::StrCat(path, ".partial");
  RETURN_IF_ERROR(WriteSyncedFile(partial, bytes));
  return RenameDurably(partial, path);
}

}  // namespace consort
