#include "coordinator/app/coordinator_copy.h"

#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "common/artifact/durable_file.h"
#include "common/status/macros.h"
#include "coordinator/store/sqlite_store.h"

namespace consort::coordinator {
namespace {

namespace fs = std::filesystem;

absl::Status MakeNewDirectory(const std::string& path) {
  std::error_code error;
  if (fs::exists(path, error) && !fs::is_empty(path, error)) {
    return absl::AlreadyExistsError(absl::StrCat("folder is not empty; name a new one: ", path));
  }
  fs::create_directories(path, error);
  if (error) return StatusOfErrno(error.value(), absl::StrCat("make folder ", path));
  fs::permissions(path, fs::perms::owner_all, error);  // keys will lie in it
  return error ? StatusOfErrno(error.value(), absl::StrCat("protect folder ", path)) : absl::OkStatus();
}

absl::Status CopyFile(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::copy_file(from, to, error);
  // A running coordinator removes spools of closed rounds and partial artifacts: gone is gone.
  if (error == std::errc::no_such_file_or_directory && !fs::exists(from)) return absl::OkStatus();
  if (error) return StatusOfErrno(error.value(), absl::StrCat("copy to ", to));
  return SyncFile(to);
}

// Copies a folder with everything below it; regular files and folders only. A missing one is an empty one.
absl::Status CopyTree(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::create_directories(to, error);
  if (error) return StatusOfErrno(error.value(), absl::StrCat("make folder ", to));
  fs::directory_iterator entries(from, error);
  if (error == std::errc::no_such_file_or_directory) return absl::OkStatus();
  if (error) return StatusOfErrno(error.value(), absl::StrCat("read folder ", from));
  for (; entries != fs::directory_iterator(); entries.increment(error)) {
    const std::string source = entries->path().string();
    const std::string target = (fs::path(to) / entries->path().filename()).string();
    if (entries->is_directory(error)) {
      RETURN_IF_ERROR(CopyTree(source, target));
    } else if (entries->is_regular_file(error)) {
      RETURN_IF_ERROR(CopyFile(source, target));
    }
    if (error) break;
  }
  if (error) return StatusOfErrno(error.value(), absl::StrCat("read folder ", from));
  return SyncDirectory(to);
}

absl::Status CopyState(const CoordinatorConfig& from, const CoordinatorConfig& to) {
  std::error_code error;
  fs::create_directories(to.state_directory, error);
  if (error) return StatusOfErrno(error.value(), absl::StrCat("make folder ", to.state_directory));
  // The database first: what it names is never changed afterwards, only added to.
  RETURN_IF_ERROR(BackUpSqliteFile(from.database(), to.database()));
  RETURN_IF_ERROR(CopyTree(from.artifacts(), to.artifacts()));
  RETURN_IF_ERROR(CopyTree(from.spool(), to.spool()));
  RETURN_IF_ERROR(CopyTree(from.keys_directory, to.keys_directory));
  fs::permissions(to.keys_directory, fs::perms::owner_all, error);
  return error ? StatusOfErrno(error.value(), absl::StrCat("protect folder ", to.keys_directory))
               : absl::OkStatus();
}

std::string FolderOf(const std::string& path) {
  const std::string folder = fs::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

}  // namespace

CoordinatorConfig LayoutOf(CoordinatorConfig config, const std::string& directory) {
  config.state_directory = directory + "/state";
  config.keys_directory = directory + "/keys";
  return config;
}

absl::Status CopyCoordinator(const std::string& config_path, const CoordinatorConfig& config,
                             const std::string& destination) {
  RETURN_IF_ERROR(MakeNewDirectory(destination));
  RETURN_IF_ERROR(CopyState(config, LayoutOf(config, destination)));
  return CopyTree(FolderOf(config_path) + "/trainer", destination + "/trainer");
}

absl::Status FinishCopy(const std::string& config_path, const std::string& destination) {
  RETURN_IF_ERROR(CopyFile(config_path, absl::StrCat(destination, "/", kConfigName)));
  return SyncDirectory(destination);
}

}  // namespace consort::coordinator
