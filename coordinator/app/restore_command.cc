#include <stdlib.h>

#include <cerrno>
#include <filesystem>
#include <iostream>
#include <memory>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/artifact/durable_file.h"
#include "common/status/macros.h"
#include "common/sync/thread_executor.h"
#include "coordinator/app/commands.h"
#include "coordinator/app/coordinator_copy.h"
#include "coordinator/app/keys.h"
#include "coordinator/app/ledger_copy.h"
#include "coordinator/app/restore_mirror.h"
#include "coordinator/app/trainer_file.h"
#include "coordinator/store/sqlite_store.h"

namespace consort::coordinator {
namespace {

// A folder of our own that goes when this does.
class Scratch {
 public:
  static absl::StatusOr<Scratch> Make() {
    std::error_code error;
    std::string path = (std::filesystem::temp_directory_path(error) / "consort-restore-XXXXXX").string();
    if (error || mkdtemp(path.data()) == nullptr) return StatusOfErrno(errno, "make a temporary folder");
    return Scratch(path);
  }
  ~Scratch() {
    std::error_code error;
    if (!path_.empty()) std::filesystem::remove_all(path_, error);
  }
  Scratch(Scratch&& other) noexcept : path_(std::exchange(other.path_, "")) {}
  Scratch& operator=(Scratch&&) = delete;
  std::string File(const char* name) const { return path_ + "/" + name; }

 private:
  explicit Scratch(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

void Say(const ChosenMirror& mirror) {
  std::cerr << "backup: " << mirror.backup_size << " entries\n"
            << "mirror: checkpoint of " << mirror.size
            << " entries, verified, and every other mirror given is a "
            << "prefix of it: " << mirror.directory << "\n";
  if (mirror.size > mirror.backup_size) {
    std::cerr << "taken from it: entries " << mirror.backup_size << " to " << mirror.size - 1
              << ", with their checkpoints and cosignatures\n";
  } else {
    std::cerr << "taken from it: nothing, the backup holds all of it\n";
  }
}

absl::Status Preview(const CoordinatorConfig& backup, const RestoreOptions& options) {
  ASSIGN_OR_RETURN(const Scratch scratch, Scratch::Make());
  RETURN_IF_ERROR(BackUpSqliteFile(backup.database(), scratch.File("consort.db")));
  ASSIGN_OR_RETURN(const std::unique_ptr<Store> store, SqliteStore::Open(scratch.File("consort.db")));
  ASSIGN_OR_RETURN(const ChosenMirror mirror, ChooseMirror(*store, options.mirrors));
  Say(mirror);
  ASSIGN_OR_RETURN(const std::vector<std::string> open, OpenJobs(*store));
  std::cerr << "ended as failed (coordinator-restored): every job that was under way"
            << (open.empty() ? "; none by the backup"
                             : absl::StrCat("; by the backup ", absl::StrJoin(open, ", ")))
            << "\nNothing was done; repeat the command with --yes to do it.\n";
  return absl::OkStatus();
}

absl::Status CheckTarget(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error) || std::filesystem::is_empty(path, error))
    return absl::OkStatus();
  return absl::AlreadyExistsError(absl::StrCat("folder is not empty; name a new one: ", path));
}

// Brings the copied database up to the mirror, and its jobs to an end.
absl::Status Rebuild(const CoordinatorConfig& config, const RestoreOptions& options) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Store> store, SqliteStore::Open(config.database()));
  ASSIGN_OR_RETURN(const ChosenMirror mirror, ChooseMirror(*store, options.mirrors));
  Say(mirror);
  RETURN_IF_ERROR(TakeUpMirror(*store, mirror));
  ASSIGN_OR_RETURN(const CoordinatorKeys keys, LoadCoordinatorKeys(config, *store));
  ThreadExecutor clock;  // nothing runs on it: this thread is the owner of everything here
  ASSIGN_OR_RETURN(const auto sequencer, OpenSequencer(config, *store, keys, clock));
  ASSIGN_OR_RETURN(const EndedJobs ended, EndWhatWasOpen(*store, *sequencer, mirror));
  for (const std::string& job : ended.job_ids)
    std::cerr << "ended as failed (coordinator-restored): " << job << "\n";
  return absl::OkStatus();
}

}  // namespace

absl::Status RunRestoreFromMirror(const RestoreOptions& options) {
  const std::string config_path = options.backup + "/" + kConfigName;
  ASSIGN_OR_RETURN(const CoordinatorConfig config, LoadCoordinatorConfig(config_path));
  const CoordinatorConfig backup = LayoutOf(config, options.backup);
  RETURN_IF_ERROR(CheckTarget(options.destination));
  if (!options.really) return Preview(backup, options);
  RETURN_IF_ERROR(CopyCoordinator(config_path, backup, options.destination));
  const CoordinatorConfig restored = LayoutOf(config, options.destination);
  RETURN_IF_ERROR(Rebuild(restored, options));
  RETURN_IF_ERROR(WriteTrainerFile(options.destination + "/trainer"));  // the old one names the old place
  ASSIGN_OR_RETURN(const Scratch scratch, Scratch::Make());
  ASSIGN_OR_RETURN(const VerifiedLedger ledger, ExportAndVerify(restored, scratch.File("verify")));
  RETURN_IF_ERROR(FinishCopy(config_path, options.destination));
  std::cerr
      << "restored; its ledger verified: " << ledger.size << " entries, root " << ledger.root << "\n"
      << "It signs again when enough archives have said that they know no more than this. Archives that "
         "hold receipts for later entries raise incidents: right, those entries are lost.\n"
      << "trainer/trainer.toml was written anew; repeat your own changes to it.\n";
  return absl::OkStatus();
}

}  // namespace consort::coordinator
