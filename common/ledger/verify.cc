#include "common/ledger/verify.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/crypto/key_file.h"
#include "common/ledger/bundle_reader.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/entry_audit.h"
#include "common/ledger/export_layout.h"
#include "common/ledger/findings.h"
#include "common/ledger/note_audit.h"
#include "common/ledger/note_keys.h"
#include "common/ledger/tile_comparer.h"
#include "common/ledger/witness_audit.h"
#include "common/status/macros.h"

namespace consort::ledger {
namespace {

// What the caller brought, read.
struct Brought {
  std::vector<VerifierKey> log;
  std::vector<VerifierKey> entries;
  std::vector<VerifierKey> witnesses;  // of the export
  std::optional<Policy> policy;
  std::optional<Checkpoint> since;
};

absl::StatusOr<std::vector<VerifierKey>> KeysOf(const std::vector<std::string>& given,
                                                const std::string& path) {
  if (!given.empty()) return ParseVerifierKeys(given);
  auto keys = ReadVerifierKeys(path);
  if (absl::IsNotFound(keys.status())) return std::vector<VerifierKey>();
  return keys;
}

absl::StatusOr<Brought> Read(const VerifyOptions& options) {
  if (options.max_age != absl::InfiniteDuration() && options.now == absl::InfiniteFuture())
    return absl::InvalidArgumentError("an age cannot be judged without a time: give both");
  Brought brought;
  const std::string folder = absl::StrCat(options.directory, "/");
  ASSIGN_OR_RETURN(brought.log, KeysOf(options.log_vkeys, folder + kLogKeyFile));
  ASSIGN_OR_RETURN(brought.entries, KeysOf(options.entry_vkeys, folder + kEntryKeysFile));
  ASSIGN_OR_RETURN(brought.witnesses, KeysOf({}, folder + kWitnessKeysFile));
  if (!options.policy.empty()) {
    ASSIGN_OR_RETURN(brought.policy, Policy::Parse(options.policy));
  }
  if (!options.since.empty()) {
    ASSIGN_OR_RETURN(brought.since, ReadCheckpoint(options.since));
  }
  return brought;
}

// One run over one export.
class Verification {
 public:
  Verification(const VerifyOptions& options, const Brought& brought, std::string note,
               const Checkpoint& newest)
      : options_(options), brought_(brought), note_(std::move(note)), newest_(newest) {
    report_.origin = newest.origin;
    report_.size = newest.size;
    report_.root = HexOf(newest.root);
  }

  absl::StatusOr<VerifyReport> Run() {
    ASSIGN_OR_RETURN(TileFiles files, ListTiles(options_.directory));
    TileComparer tiles(options_.directory, std::move(files), findings_);
    const uint64_t check_from = brought_.since ? std::min(brought_.since->size, newest_.size) : 0;
    EntryAudit audit(brought_.entries, newest_.origin, {options_.signatures, check_from}, tiles, findings_);
    RETURN_IF_ERROR(ReadEntries(check_from, audit));
    CheckTreeRoot(audit.tree());
    Pass("entries", absl::StrCat(audit.tree().size(), " entries read"));
    Pass("root", report_.root);
    Pass("tiles", absl::StrCat(tiles.compared(), " files compared byte for byte"));
    JudgeNotes(audit);
    Pass("signatures", audit.SignersNote());
    Pass("replay", "no entry repeats another");
    Pass("rules", audit.ClaimsNote());
    report_.checks = InOrder();
    return report_;
  }

 private:
  absl::Status ReadEntries(uint64_t check_from, EntryAudit& audit) {
    const BundleReading reading{options_.directory, newest_.size,     options_.signatures,
                                check_from,         options_.threads, &audit.keys()};
    const absl::Status read = ReadBundles(
        reading, [&audit](uint64_t index, ReadyEntry& ready) { return audit.Take(index, ready); });
    if (read.ok()) return audit.Finish();
    findings_.Fail("entries", std::string(read.message()));
    findings_.Fail("tiles", "not every entry could be read");
    return absl::OkStatus();
  }

  void CheckTreeRoot(const MemoryTree& tree) {
    const absl::StatusOr<Digest> root = tree.Root(newest_.size);
    if (!root.ok()) {
      findings_.Fail("root",
                     absl::StrCat("only ", tree.size(), " of ", newest_.size, " entries could be read"));
    } else if (*root != newest_.root) {
      findings_.Fail("root",
                     absl::StrCat("entries hash to ", HexOf(*root), ", the checkpoint says ", report_.root));
    }
  }

  void JudgeNotes(const EntryAudit& audit) {
    const bool is_given = brought_.policy.has_value();
    const std::optional<Policy> policy =
        is_given ? brought_.policy : PublishedPolicy(options_.directory, findings_);
    const NoteKeys keys({brought_.log, brought_.witnesses, policy ? &*policy : nullptr},
                        options_.signatures ? &audit.rules().keys() : nullptr);
    NoteAudit notes({options_.directory, newest_, audit.tree(), keys}, findings_);
    std::string signers = notes.CheckNewest(note_);
    if (options_.log_vkeys.empty())
      absl::StrAppend(&signers, " (key read from the export: compare it with one you trust)");
    Pass("checkpoint", signers);
    CheckOrigin();
    CheckOlder(notes);
    Pass("policy", CheckPolicyText(options_.directory, options_.policy, audit.rules(), findings_));
    const Witnessing said = CheckWitnesses(notes, note_, newest_.size, policy ? &*policy : nullptr, is_given,
                                           options_, findings_);
    Pass("quorum", said.quorum);
    Pass("clock", said.clock);
    report_.witnessed_size = said.witnessed_size;
  }

  void CheckOrigin() {
    const bool named = options_.log_vkeys.empty() ||
                       std::any_of(brought_.log.begin(), brought_.log.end(),
                                   [this](const VerifierKey& key) { return key.name() == newest_.origin; });
    if (!named)
      findings_.Fail("origin", absl::StrCat("checkpoint is of another log than the trusted keys: ",
                                            newest_.origin, ", expected ", brought_.log.front().name()));
    Pass("origin", newest_.origin);
  }

  void CheckOlder(NoteAudit& notes) {
    size_t count = 0;
    for (const std::string& note : options_.kept_checkpoints)
      notes.CheckPrefix(absl::StrCat("kept checkpoint ", ++count), note);
    uint64_t trusted_size = 0;
    if (brought_.since) {
      ++count;
      if (notes.CheckPrefix("the checkpoint to go on from", options_.since)) {
        trusted_size = brought_.since->size;
      } else {
        findings_.Fail("signatures", absl::StrCat("entries below ", brought_.since->size,
                                                  " were taken on the trust of a kept checkpoint that is not "
                                                  "this ledger's"));
      }
    }
    count += notes.CheckPublished(trusted_size);
    Pass("consistency", absl::StrCat(count, " older checkpoints are prefixes"));
  }

  void Pass(const std::string& check, const std::string& detail) { passed_[check] = detail; }

  std::vector<Check> InOrder() const {
    constexpr const char* kOfEntries[] = {"signatures", "replay", "rules", "policy"};
    std::vector<Check> checks;
    for (const char* id : {"checkpoint", "entries", "root", "tiles", "signatures", "replay", "rules",
                           "consistency", "origin", "policy", "quorum", "clock"}) {
      const bool skipped =
          !options_.signatures && std::any_of(std::begin(kOfEntries), std::end(kOfEntries),
                                              [id](absl::string_view other) { return other == id; });
      if (!skipped) checks.push_back(findings_.Of(id, passed_.at(id)));
    }
    return checks;
  }

  const VerifyOptions& options_;
  const Brought& brought_;
  const std::string note_;
  const Checkpoint& newest_;
  Findings findings_;
  std::map<std::string, std::string> passed_;  // what to say of a check that did not fail
  VerifyReport report_;
};

}  // namespace

bool VerifyReport::passed() const {
  return !checks.empty() &&
         std::all_of(checks.begin(), checks.end(), [](const Check& check) { return check.passed; });
}

absl::StatusOr<VerifyReport> VerifyExport(const VerifyOptions& options) {
  auto note = ReadPublicFile(absl::StrCat(options.directory, "/", kCheckpointFile), kMaxNoteBytes);
  if (absl::IsNotFound(note.status())) {
    return absl::NotFoundError(
        absl::StrCat("folder holds no exported ledger (no file checkpoint): ", options.directory));
  }
  RETURN_IF_ERROR(note.status());
  ASSIGN_OR_RETURN(const Brought brought, Read(options));
  const auto newest = ReadCheckpoint(*note);
  if (!newest.ok()) {
    VerifyReport report;
    report.checks.push_back({"checkpoint", false, std::string(newest.status().message())});
    return report;
  }
  return Verification(options, brought, *std::move(note), *newest).Run();
}

absl::Status ReadExportEntries(
    const std::string& directory,
    const std::function<absl::Status(uint64_t index, absl::string_view envelope)>& take) {
  ASSIGN_OR_RETURN(const std::string note, ReadPublicFile(absl::StrCat(directory, "/", kCheckpointFile)));
  ASSIGN_OR_RETURN(const Checkpoint checkpoint, ReadCheckpoint(note));
  return ReadEntryBundles(directory, checkpoint.size, take);
}

}  // namespace consort::ledger
