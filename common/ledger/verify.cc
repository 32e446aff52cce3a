#include "common/ledger/verify.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/crypto/key_file.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/entry_audit.h"
#include "common/ledger/export_layout.h"
#include "common/ledger/findings.h"
#include "common/ledger/tile_comparer.h"
#include "common/status/macros.h"

namespace consort::ledger {
namespace {

struct Keys {
  std::vector<VerifierKey> log;
  std::vector<VerifierKey> entries;
  std::vector<VerifierKey> witnesses;
  bool log_is_trusted = false;  // given by the caller rather than read from the export
};

absl::StatusOr<std::vector<VerifierKey>> KeysOf(const std::vector<std::string>& given,
                                                const std::string& path) {
  if (!given.empty()) return ParseVerifierKeys(given);
  auto keys = ReadVerifierKeys(path);
  if (absl::IsNotFound(keys.status())) return std::vector<VerifierKey>();
  return keys;
}

absl::StatusOr<Keys> LoadKeys(const VerifyOptions& options) {
  Keys keys;
  const std::string folder = absl::StrCat(options.directory, "/");
  ASSIGN_OR_RETURN(keys.log, KeysOf(options.log_vkeys, folder + kLogKeyFile));
  ASSIGN_OR_RETURN(keys.entries, KeysOf(options.entry_vkeys, folder + kEntryKeysFile));
  ASSIGN_OR_RETURN(keys.witnesses, KeysOf({}, folder + kWitnessKeysFile));
  keys.log_is_trusted = !options.log_vkeys.empty();
  return keys;
}

void CheckConsistency(const std::string& name, const std::string& note, const Keys& keys,
                      const Checkpoint& newest, const MemoryTree& tree, Findings& findings) {
  const auto old = OpenCheckpoint(note, keys.log, keys.witnesses);
  if (!old.ok()) return findings.Fail("consistency", absl::StrCat(name, ": ", old.status().message()));
  const Checkpoint& checkpoint = old->checkpoint;
  if (checkpoint.origin != newest.origin) {
    return findings.Fail("consistency", absl::StrCat(name, ": it is of another log: ", checkpoint.origin));
  }
  if (checkpoint.size > newest.size) {
    return findings.Fail("consistency",
                         absl::StrCat(name, ": it covers ", checkpoint.size, " entries, this ledger has ",
                                      newest.size, ": the ledger was cut off"));
  }
  const auto root = tree.Root(checkpoint.size);
  if (root.ok() && *root == checkpoint.root) return;
  findings.Fail("consistency", absl::StrCat(name, ": its root at size ", checkpoint.size,
                                            " is not this ledger's: history was changed"));
}

// Checks kept notes and those of the export; returns how many.
size_t CheckOldCheckpoints(const VerifyOptions& options, const Keys& keys, const Checkpoint& newest,
                           const MemoryTree& tree, Findings& findings) {
  size_t count = 0;
  for (const std::string& note : options.kept_checkpoints) {
    CheckConsistency(absl::StrCat("kept checkpoint ", ++count), note, keys, newest, tree, findings);
  }
  std::vector<std::string> names;
  std::error_code error;
  const std::string folder = absl::StrCat(options.directory, "/", kCheckpointsFolder);
  for (auto at = std::filesystem::directory_iterator(folder, error);
       !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    names.push_back(at->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    const auto note = ReadPublicFile(absl::StrCat(folder, "/", name));
    CheckConsistency(absl::StrCat(kCheckpointsFolder, "/", name), note.ok() ? *note : "", keys, newest, tree,
                     findings);
  }
  return count + names.size();
}

}  // namespace

bool VerifyReport::passed() const {
  return !checks.empty() &&
         std::all_of(checks.begin(), checks.end(), [](const Check& check) { return check.passed; });
}

absl::StatusOr<VerifyReport> VerifyExport(const VerifyOptions& options) {
  const auto note = ReadPublicFile(absl::StrCat(options.directory, "/", kCheckpointFile));
  if (absl::IsNotFound(note.status())) {
    return absl::NotFoundError(
        absl::StrCat("folder holds no exported ledger (no file checkpoint): ", options.directory));
  }
  RETURN_IF_ERROR(note.status());
  ASSIGN_OR_RETURN(const Keys keys, LoadKeys(options));
  VerifyReport report;
  const auto opened = OpenCheckpoint(*note, keys.log, keys.witnesses);
  if (!opened.ok()) {
    report.checks.push_back({"checkpoint", false, std::string(opened.status().message())});
    return report;
  }
  const Checkpoint& checkpoint = opened->checkpoint;
  report.origin = checkpoint.origin;
  report.size = checkpoint.size;
  report.root = HexOf(checkpoint.root);

  Findings findings;
  ASSIGN_OR_RETURN(TileFiles files, ListTiles(options.directory));
  TileComparer tiles(options.directory, std::move(files), findings);
  EntryAudit audit(keys.entries, checkpoint.origin, tiles, findings);
  absl::Status read = ReadEntryBundles(
      options.directory, checkpoint.size,
      [&audit](uint64_t index, absl::string_view envelope) { return audit.Take(index, envelope); });
  if (read.ok()) {
    RETURN_IF_ERROR(audit.Finish());
  } else {
    findings.Fail("entries", std::string(read.message()));
    findings.Fail("tiles", "not every entry could be read");
  }
  const MemoryTree& tree = audit.tree();
  const absl::StatusOr<Digest> root = tree.Root(checkpoint.size);
  if (!root.ok()) {
    findings.Fail("root",
                  absl::StrCat("only ", tree.size(), " of ", checkpoint.size, " entries could be read"));
  } else if (*root != checkpoint.root) {
    findings.Fail("root",
                  absl::StrCat("entries hash to ", HexOf(*root), ", the checkpoint says ", report.root));
  }
  const size_t old = CheckOldCheckpoints(options, keys, checkpoint, tree, findings);

  report.checks = {
      {"checkpoint", true,
       absl::StrCat("signed by ", absl::StrJoin(opened->signers, ", "),
                    keys.log_is_trusted ? "" : " (key read from the export: compare it with one you trust)")},
      findings.Of("entries", absl::StrCat(tree.size(), " entries read")),
      findings.Of("root", report.root),
      findings.Of("tiles", absl::StrCat(tiles.compared(), " files compared byte for byte")),
      findings.Of("signatures", audit.SignersNote()),
      findings.Of("replay", "no entry repeats another"),
      findings.Of("rules", audit.ClaimsNote()),
      findings.Of("consistency", absl::StrCat(old, " older checkpoints are prefixes"))};
  return report;
}

absl::Status ReadExportEntries(
    const std::string& directory,
    const std::function<absl::Status(uint64_t index, absl::string_view envelope)>& take) {
  ASSIGN_OR_RETURN(const std::string note, ReadPublicFile(absl::StrCat(directory, "/", kCheckpointFile)));
  ASSIGN_OR_RETURN(const Checkpoint checkpoint, ReadCheckpoint(note));
  return ReadEntryBundles(directory, checkpoint.size, take);
}

}  // namespace consort::ledger
