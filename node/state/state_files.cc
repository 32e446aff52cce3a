#include "node/state/state_files.h"

#include <fcntl.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "common/artifact/durable_file.h"
#include "common/status/macros.h"

namespace consort::node {

absl::StatusOr<std::string> ReadStateFile(const std::string& path) {
  ASSIGN_OR_RETURN(const FileDescriptor file, OpenFile(path, O_RDONLY));
  ASSIGN_OR_RETURN(const uint64_t size, SizeOfFile(file));
  if (size > kMaxStateFileBytes) return absl::DataLossError(absl::StrCat("state file is too long: ", path));
  std::string bytes(size, '\0');
  ASSIGN_OR_RETURN(const size_t count, ReadAt(file, 0, bytes.data(), bytes.size()));
  bytes.resize(count);
  return bytes;
}

absl::Status MakeDirectory(const std::string& path) {
  std::error_code error;
  const bool made = std::filesystem::create_directories(path, error);
  if (error) return StatusOfErrno(error.value(), absl::StrCat("making the folder ", path));
  if (!made) return absl::OkStatus();
  std::filesystem::permissions(path, std::filesystem::perms::owner_all, error);
  if (error) return StatusOfErrno(error.value(), absl::StrCat("setting the mode of ", path));
  return SyncDirectoryOf(path);
}

absl::StatusOr<std::vector<std::string>> ListDirectory(const std::string& path) {
  std::vector<std::string> names;
  std::error_code error;
  std::filesystem::directory_iterator entries(path, error);
  if (error == std::errc::no_such_file_or_directory) return names;
  if (error) return StatusOfErrno(error.value(), absl::StrCat("listing the folder ", path));
  for (; entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    if (error) break;
    names.push_back(entries->path().filename().string());
  }
  if (error) return StatusOfErrno(error.value(), absl::StrCat("listing the folder ", path));
  std::sort(names.begin(), names.end());
  return names;
}

absl::Status RemoveAll(const std::string& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);
  if (error) return StatusOfErrno(error.value(), absl::StrCat("removing ", path));
  return absl::OkStatus();
}

uint64_t FreeDiskBytes(const std::string& path) {
  struct statvfs facts;
  if (statvfs(path.c_str(), &facts) != 0) return 0;
  return static_cast<uint64_t>(facts.f_bavail) * facts.f_frsize;
}

}  // namespace consort::node
