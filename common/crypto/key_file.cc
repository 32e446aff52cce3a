#include "common/crypto/key_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <functional>

#include "absl/strings/str_cat.h"
#include "common/artifact/durable_file.h"
#include "common/status/macros.h"

namespace consort {
namespace {

std::string PartialPath(const std::string& path) { return absl::StrCat(path, ".partial"); }

absl::Status WritePartial(const std::string& path, absl::string_view bytes, int mode) {
  const std::string partial = PartialPath(path);
  unlink(partial.c_str());  // left by a run that was killed
  ASSIGN_OR_RETURN(const FileDescriptor file,
                   OpenFile(partial, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode));
  // The mode given to open() was narrowed by the process's umask; this one is not.
  if (fchmod(file.get(), static_cast<mode_t>(mode)) != 0) {
    return StatusOfErrno(errno, absl::StrCat("cannot set the mode of ", partial));
  }
  RETURN_IF_ERROR(WriteAt(file, 0, bytes));
  return Sync(file);
}

absl::Status RenameToNew(const std::string& from, const std::string& to) {
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0)
    return SyncDirectoryOf(to);
  if (errno != EEXIST) return StatusOfErrno(errno, absl::StrCat("cannot name ", to));
  return absl::AlreadyExistsError(absl::StrCat("file is there already and stays as it is: ", to));
}

absl::StatusOr<std::string> ReadWhole(const FileDescriptor& file, const std::string& path, size_t max_bytes) {
  ASSIGN_OR_RETURN(const uint64_t size, SizeOfFile(file));
  if (size > max_bytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("file is too large; at most ", max_bytes, " bytes, found ", size, ": ", path));
  }
  std::string bytes(size, '\0');
  ASSIGN_OR_RETURN(const size_t got, ReadAt(file, 0, bytes.data(), bytes.size()));
  bytes.resize(got);
  return bytes;
}

// Does not wait for the writer of a named pipe.
absl::StatusOr<FileDescriptor> OpenToRead(const std::string& path) {
  return OpenFile(path, O_RDONLY | O_NONBLOCK);
}

absl::StatusOr<struct stat> FactsOf(const FileDescriptor& file, const std::string& path) {
  struct stat facts {};
  if (fstat(file.get(), &facts) != 0)
    return StatusOfErrno(errno, absl::StrCat("cannot read the mode of ", path));
  if (S_ISREG(facts.st_mode)) return facts;
  return absl::InvalidArgumentError(absl::StrCat("not a regular file: ", path));
}

// `others`: the rights that nobody but the owner may have.
absl::StatusOr<std::string> ReadOwnersFile(const std::string& path,
                                           const std::function<mode_t(const struct stat&)>& others) {
  ASSIGN_OR_RETURN(const FileDescriptor file, OpenToRead(path));
  ASSIGN_OR_RETURN(const struct stat facts, FactsOf(file, path));
  if ((facts.st_mode & others(facts)) != 0) {
    return absl::PermissionDeniedError(absl::StrCat(
        "private key can be used by group or others; run chmod 600 on it, and replace the key if ",
        "others had the chance to read it: ", path));
  }
  if (facts.st_uid != geteuid() && facts.st_uid != 0) {
    return absl::PermissionDeniedError(absl::StrCat(
        "private key belongs to another user, who can change it; make it this user's or root's: ", path));
  }
  return ReadWhole(file, path, kMaxKeyFileBytes);
}

}  // namespace

absl::Status WriteNewFile(const std::string& path, absl::string_view bytes, int mode) {
  absl::Status status = WritePartial(path, bytes, mode);
  if (status.ok()) status = RenameToNew(PartialPath(path), path);
  if (!status.ok()) unlink(PartialPath(path).c_str());
  return status;
}

absl::Status ReplaceFile(const std::string& path, absl::string_view bytes, int mode) {
  absl::Status status = WritePartial(path, bytes, mode);
  if (status.ok()) status = RenameDurably(PartialPath(path), path);
  if (!status.ok()) unlink(PartialPath(path).c_str());
  return status;
}

absl::StatusOr<std::string> ReadPrivateFile(const std::string& path) {
  return ReadOwnersFile(path, [](const struct stat&) -> mode_t { return S_IRWXG | S_IRWXO; });
}

absl::StatusOr<std::string> ReadCredentialFile(const std::string& path) {
  return ReadOwnersFile(path, [](const struct stat& facts) -> mode_t {
    return facts.st_uid == 0 ? S_IWGRP | S_IXGRP | S_IRWXO : S_IRWXG | S_IRWXO;
  });
}

absl::StatusOr<std::string> ReadPublicFile(const std::string& path, size_t max_bytes) {
  ASSIGN_OR_RETURN(const FileDescriptor file, OpenToRead(path));
  RETURN_IF_ERROR(FactsOf(file, path).status());
  return ReadWhole(file, path, max_bytes);
}

}  // namespace consort
