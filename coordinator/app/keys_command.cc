#include <functional>
#include <iostream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "common/sync/thread_executor.h"
#include "coordinator/app/commands.h"
#include "coordinator/app/key_change.h"
#include "coordinator/app/keys.h"
#include "coordinator/ledger/live_rules.h"
#include "coordinator/store/sqlite_store.h"

namespace consort::coordinator {
namespace {

using ledger::KeyBook;
using ledger::KeyPurpose;

constexpr char kPreview[] = "Nothing was changed; repeat the command with --yes to do it.\n";

// The coordinator's ledger, held by this process alone for as long as this lives.
struct Opened {
  CoordinatorConfig config;
  std::unique_ptr<Store> store;  // takes the state's lock
  std::unique_ptr<CoordinatorKeys> keys;
  std::unique_ptr<ThreadExecutor> clock;  // nothing runs on it: this thread is the owner of everything here
  std::unique_ptr<Sequencer> sequencer;
  const KeyBook& book() const { return sequencer->rules().keys(); }
};

absl::StatusOr<Opened> Open(const std::string& config_path) {
  Opened opened;
  ASSIGN_OR_RETURN(opened.config, LoadCoordinatorConfig(config_path));
  ASSIGN_OR_RETURN(opened.store, SqliteStore::Open(opened.config.database()));
  ASSIGN_OR_RETURN(CoordinatorKeys keys, LoadCoordinatorKeys(opened.config, *opened.store));
  opened.keys = std::make_unique<CoordinatorKeys>(std::move(keys));
  opened.clock = std::make_unique<ThreadExecutor>();
  ASSIGN_OR_RETURN(opened.sequencer,
                   OpenSequencer(opened.config, *opened.store, *opened.keys, *opened.clock));
  return opened;
}

std::string StateOf(const KeyBook::Known& known) {
  if (known.revoked) return absl::StrCat("revoked at entry ", *known.revoked);
  if (known.in_force())
    return known.replaced ? absl::StrCat("in force, replaced at ", *known.replaced) : "in force";
  return absl::StrCat("replaced at entry ", *known.replaced);
}

absl::StatusOr<std::string> FileOf(const CoordinatorConfig& config, const KeyBook::Known& known) {
  ASSIGN_OR_RETURN(const std::vector<KeyOnFile> on_file, KeysOnFile(config, known.purpose));
  for (const KeyOnFile& candidate : on_file) {
    if (candidate.key->verifier() == known.key) return candidate.file;
  }
  return "(no file)";
}

absl::StatusOr<KeyPurpose> OwnPurpose(const std::string& word) {
  const absl::StatusOr<KeyPurpose> purpose = ledger::PurposeFromName(word);
  if (purpose.ok() && (*purpose == KeyPurpose::kLog || *purpose == KeyPurpose::kEntries)) return purpose;
  return absl::InvalidArgumentError(absl::StrCat("choose log or entries: found ", word));
}

}  // namespace

absl::Status RunKeysList(const std::string& config_path) {
  ASSIGN_OR_RETURN(const Opened opened, Open(config_path));
  for (const KeyBook::Known& known : opened.book().keys()) {
    if (known.owner != "coordinator") continue;
    ASSIGN_OR_RETURN(const std::string file, FileOf(opened.config, known));
    std::cout << ledger::PurposeName(known.purpose) << "\t" << file << "\tfrom entry " << known.from << "\t"
              << StateOf(known) << "\t" << known.key.ToString() << "\n";
  }
  return absl::OkStatus();
}

absl::Status RunKeysRotate(const KeysOptions& options) {
  ASSIGN_OR_RETURN(const KeyPurpose purpose, OwnPurpose(options.purpose));
  ASSIGN_OR_RETURN(const Opened opened, Open(options.config));
  const CoordinatorKeys& keys = *opened.keys;
  if (purpose == KeyPurpose::kLog && keys.log.size() > 1) {
    return absl::FailedPreconditionError(
        "two log keys are in force already; retire the older one first: keys retire log");
  }
  const VerifierKey old = (purpose == KeyPurpose::kLog ? keys.log.back() : keys.entries).verifier();
  if (!options.really) {
    std::cerr << "A new " << options.purpose << " key will be made in " << opened.config.keys_directory
              << " and entered into the ledger, in place of\n  " << old.ToString() << "\n"
              << (purpose == KeyPurpose::kLog ? "Both log keys sign every checkpoint until: keys retire log\n"
                                              : "The old key signs nothing from then on.\n")
              << kPreview;
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const KeyOnFile successor, MakeSuccessor(opened.config, opened.book(), purpose));
  ASSIGN_OR_RETURN(const Appended entry,
                   AppendRotation(*opened.store, *opened.sequencer, keys, purpose, *successor.key));
  std::cout << successor.key->verifier().ToString() << "\n";
  std::cerr << "rotated: entry " << entry.index << ", key file " << successor.file
            << "; back up the keys folder, then start the coordinator\n";
  return absl::OkStatus();
}

absl::Status RunKeysRetire(const KeysOptions& options) {
  if (options.purpose != "log") {
    return absl::InvalidArgumentError(
        absl::StrCat("only a log key overlaps with its successor; choose log: found ", options.purpose));
  }
  ASSIGN_OR_RETURN(const Opened opened, Open(options.config));
  const CoordinatorKeys& keys = *opened.keys;
  if (!options.really && keys.log.size() > 1) {
    std::cerr << "This log key will be revoked and sign nothing from then on:\n  "
              << keys.log.front().verifier().ToString() << "\nThis one goes on alone:\n  "
              << keys.log.back().verifier().ToString() << "\n"
              << kPreview;
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const Appended entry, AppendRetirement(*opened.store, *opened.sequencer, keys));
  std::cerr << "retired: entry " << entry.index << "; the old key's file is of no more use\n";
  return absl::OkStatus();
}

absl::Status RunKeysEncrypt(const KeysOptions& options) {
  ASSIGN_OR_RETURN(const CoordinatorConfig config, LoadCoordinatorConfig(options.config));
  KeySource source = config.keys();
  source.credentials.clear();  // those are systemd's to keep
  if (source.passphrase_file.empty()) {
    return absl::FailedPreconditionError(
        "no passphrase is set; name a file that holds one in [keys] passphrase_file");
  }
  std::vector<std::string> files = {"ca.key"};
  for (const char* stem : {"log", "entries"}) {
    ASSIGN_OR_RETURN(const std::vector<std::string> found, source.FilesOf(stem));
    files.insert(files.end(), found.begin(), found.end());
  }
  for (const std::string& file : files) {
    if (options.really) RETURN_IF_ERROR(source.Encrypt(file));
    std::cerr << (options.really ? "encrypted: " : "will be encrypted: ") << file << "\n";
  }
  std::cerr << (options.really ? "tls.key stays as it is: the TLS library reads it by itself.\n" : kPreview);
  return absl::OkStatus();
}

}  // namespace consort::coordinator
