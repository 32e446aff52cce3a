#include <filesystem>
#include <iostream>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "common/artifact/durable_file.h"
#include "common/status/macros.h"
#include "coordinator/app/commands.h"
#include "coordinator/app/coordinator_config.h"
#include "coordinator/app/ledger_copy.h"
#include "coordinator/app/trainer_file.h"
#include "coordinator/store/sqlite_store.h"

namespace consort::coordinator {
namespace {

namespace fs = std::filesystem;

constexpr char kConfigName[] = "coordinator.toml";

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

// A copy has the layout of `init`, whatever the paths of the original were.
CoordinatorConfig LayoutOf(CoordinatorConfig config, const std::string& directory) {
  config.state_directory = directory + "/state";
  config.keys_directory = directory + "/keys";
  return config;
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

absl::Status CopyCoordinator(const std::string& config_path, const CoordinatorConfig& config,
                             const std::string& destination) {
  RETURN_IF_ERROR(MakeNewDirectory(destination));
  RETURN_IF_ERROR(CopyState(config, LayoutOf(config, destination)));
  RETURN_IF_ERROR(CopyTree(FolderOf(config_path) + "/trainer", destination + "/trainer"));
  // The configuration last: a folder with one is whole.
  RETURN_IF_ERROR(CopyFile(config_path, destination + "/" + kConfigName));
  return SyncDirectory(destination);
}

}  // namespace

absl::Status RunBackup(const std::string& config_path, const std::string& destination) {
  ASSIGN_OR_RETURN(const CoordinatorConfig config, LoadCoordinatorConfig(config_path));
  RETURN_IF_ERROR(CopyCoordinator(config_path, config, destination));
  ASSIGN_OR_RETURN(const VerifiedLedger ledger,
                   ExportAndVerify(LayoutOf(config, destination), destination + "/ledger"));
  std::cerr << "backed up; the copy's ledger verified: " << ledger.size << " entries, root " << ledger.root
            << "\n"
            << "The copy holds private keys: keep it where only the coordinator's staff can read it.\n";
  return absl::OkStatus();
}

absl::Status RunRestore(const std::string& backup, const std::string& destination) {
  const std::string config_path = backup + "/" + kConfigName;
  ASSIGN_OR_RETURN(const CoordinatorConfig config, LoadCoordinatorConfig(config_path));
  RETURN_IF_ERROR(CopyCoordinator(config_path, LayoutOf(config, backup), destination));
  RETURN_IF_ERROR(WriteTrainerFile(destination + "/trainer"));  // the old one names the old place
  const std::string scratch = destination + "/verify";
  ASSIGN_OR_RETURN(const VerifiedLedger ledger, ExportAndVerify(LayoutOf(config, destination), scratch));
  std::error_code error;
  fs::remove_all(scratch, error);
  if (error) return StatusOfErrno(error.value(), absl::StrCat("remove folder ", scratch));
  std::cerr << "restored; its ledger verified: " << ledger.size << " entries, root " << ledger.root << "\n"
            << "Nodes that have seen a newer checkpoint than this one will refuse to go on: entries logged "
               "after the "
               "backup are missing here.\n"
            << "trainer/trainer.toml was written anew; repeat your own changes to it.\n";
  return absl::OkStatus();
}

}  // namespace consort::coordinator
