#include "coordinator/app/restore_mirror.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/crypto/digest.h"
#include "common/crypto/key_file.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/entry.h"
#include "common/ledger/note.h"
#include "common/ledger/verify.h"
#include "common/status/macros.h"
#include "coordinator/enrol/ledger_keys.h"
#include "coordinator/ledger/stored_tree.h"
#include "nlohmann/json.hpp"

namespace consort::coordinator {
namespace {

constexpr size_t kEntriesAtOnce = 4096;
constexpr size_t kMaxKeysFileBytes = size_t{16} << 20;

// What the backup itself says of its ledger.
struct BackupFacts {
  ledger::KeyBook book;
  uint64_t size = 0;
  std::optional<CheckpointRow> sealed;
};

absl::StatusOr<BackupFacts> FactsOf(Store& store) {
  BackupFacts facts;
  RETURN_IF_ERROR(store.Transact([&facts](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(facts.book, ReadKeyBook(transaction));
    ASSIGN_OR_RETURN(facts.size, transaction.LedgerSize());
    ASSIGN_OR_RETURN(facts.sealed, transaction.LatestCheckpoint());
    return absl::OkStatus();
  }));
  return facts;
}

// The backup's entries and the mirror's must be one history as far as both go.
absl::Status CheckSameEntries(Store& store, const ChosenMirror& mirror) {
  return store.Transact([&](Transaction& transaction) -> absl::Status {
    return ledger::ReadExportEntries(
        mirror.directory, [&](uint64_t index, absl::string_view envelope) -> absl::Status {
          if (index >= mirror.backup_size) return absl::OkStatus();
          ASSIGN_OR_RETURN(const LeafRow leaf, transaction.GetLeaf(index));
          if (leaf.body == envelope) return absl::OkStatus();
          return absl::DataLossError(absl::StrCat(
              "backup and mirror are different histories; keep both as evidence: entry ", index));
        });
  });
}

absl::Status CheckWhole(const std::string& directory, const LedgerKeys& keys,
                        const std::vector<std::string>& prefixes) {
  ledger::VerifyOptions options;
  options.directory = directory;
  options.log_vkeys = keys.log_vkeys;
  options.kept_checkpoints = prefixes;
  ASSIGN_OR_RETURN(const ledger::VerifyReport report, ledger::VerifyExport(options));
  for (const ledger::Check& check : report.checks) {
    if (check.passed) continue;
    return absl::DataLossError(
        absl::StrCat("mirror does not verify, or not with the others; nothing was done: ", "check ", check.id,
                     ": ", check.detail, " (", directory, ")"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<VerifierKey>> EntryKeysOf(const std::string& directory) {
  ASSIGN_OR_RETURN(const std::string text,
                   ReadPublicFile(directory + "/keys/entries.vkeys", kMaxKeysFileBytes));
  std::vector<VerifierKey> keys;
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    ASSIGN_OR_RETURN(VerifierKey key, VerifierKey::Parse(line));
    keys.push_back(std::move(key));
  }
  return keys;
}

absl::StatusOr<LeafRow> RowOf(uint64_t index, absl::string_view envelope,
                              const std::vector<VerifierKey>& keys) {
  ASSIGN_OR_RETURN(const ledger::OpenedEntry opened, ledger::OpenEntry(envelope, keys));
  ASSIGN_OR_RETURN(const nlohmann::json predicate, ledger::ParseStrictJson(opened.statement.predicate));
  LeafRow leaf;
  leaf.index = index;
  leaf.hash = std::string(ViewOf(ledger::LeafHash(envelope)));
  leaf.body = std::string(envelope);
  leaf.payload_digest = opened.payload_digest;
  leaf.kind = std::string(ledger::KindName(opened.statement.kind));
  leaf.signer = opened.signers.front();
  leaf.round_id = predicate.value("round_id", "");
  leaf.node_seq = predicate.value("node_seq", int64_t{-1});
  return leaf;
}

absl::Status AppendAll(Store& store, const std::vector<LeafRow>& rows) {
  return store.Transact([&rows](Transaction& transaction) -> absl::Status {
    for (const LeafRow& row : rows) RETURN_IF_ERROR(StoreLeaf(transaction, row));
    return absl::OkStatus();
  });
}

absl::Status AppendEntries(Store& store, const ChosenMirror& mirror) {
  ASSIGN_OR_RETURN(const std::vector<VerifierKey> keys, EntryKeysOf(mirror.directory));
  std::vector<LeafRow> rows;
  RETURN_IF_ERROR(ledger::ReadExportEntries(mirror.directory,
                                            [&](uint64_t index, absl::string_view envelope) -> absl::Status {
                                              if (index < mirror.backup_size || index >= mirror.size)
                                                return absl::OkStatus();
                                              ASSIGN_OR_RETURN(LeafRow row, RowOf(index, envelope, keys));
                                              rows.push_back(std::move(row));
                                              if (rows.size() < kEntriesAtOnce) return absl::OkStatus();
                                              RETURN_IF_ERROR(AppendAll(store, rows));
                                              rows.clear();
                                              return absl::OkStatus();
                                            }));
  return AppendAll(store, rows);
}

std::string CosignerId(const ledger::NoteSignature& line) {
  return absl::StrCat(line.key_name, "+", HexEncode(line.key_id));
}

// The note as the log signed it, and each witness's line apart.
absl::Status AppendNote(Transaction& transaction, const ledger::KeyBook& book, const std::string& note) {
  ASSIGN_OR_RETURN(const ledger::Checkpoint checkpoint, ledger::ReadCheckpoint(note));
  const std::vector<VerifierKey> witnesses = book.WitnessKeysAt(checkpoint.size);
  ASSIGN_OR_RETURN(const ledger::OpenedCheckpoint opened,
                   ledger::OpenCheckpoint(note, book.LogKeysAt(checkpoint.size), witnesses));
  ASSIGN_OR_RETURN(ledger::Note parsed, ledger::ParseNote(note));
  std::vector<CosignatureRow> cosignatures;
  CheckpointRow row;
  for (const ledger::GoodSignature& good : opened.cosigned) {
    const auto line = std::find_if(parsed.signatures.begin(), parsed.signatures.end(),
                                   [&](const auto& one) { return CosignerId(one) == good.keyid; });
    cosignatures.push_back({checkpoint.size, good.keyid, good.unix_seconds, line->Line()});
    row.sealed_unix_seconds = std::max(row.sealed_unix_seconds, good.unix_seconds);
  }
  parsed.signatures.erase(std::remove_if(parsed.signatures.begin(), parsed.signatures.end(),
                                         [&](const auto& one) { return one.key_name != checkpoint.origin; }),
                          parsed.signatures.end());
  row.size = checkpoint.size;
  row.root = std::string(ViewOf(checkpoint.root));
  row.note = ledger::SpellNote(parsed);
  RETURN_IF_ERROR(transaction.InsertCheckpoint(row));
  for (const CosignatureRow& cosignature : cosignatures)
    RETURN_IF_ERROR(transaction.InsertCosignature(cosignature));
  return absl::OkStatus();
}

// The mirror's checkpoints in growing sizes.
absl::StatusOr<std::vector<std::pair<uint64_t, std::string>>> NotesOf(const ChosenMirror& mirror) {
  std::vector<std::pair<uint64_t, std::string>> notes;
  std::error_code error;
  for (std::filesystem::directory_iterator file(mirror.directory + "/checkpoints", error), end;
       !error && file != end; file.increment(error)) {
    uint64_t size = 0;
    if (!absl::SimpleAtoi(file->path().filename().string(), &size)) continue;
    ASSIGN_OR_RETURN(std::string note, ReadPublicFile(file->path().string()));
    notes.emplace_back(size, std::move(note));
  }
  if (error)
    return absl::InternalError(absl::StrCat("checkpoints of the mirror cannot be listed: ", error.message()));
  std::sort(notes.begin(), notes.end());
  if (notes.empty() || notes.back().first < mirror.size) notes.emplace_back(mirror.size, mirror.note);
  return notes;
}

absl::Status AppendNotes(Store& store, const ChosenMirror& mirror) {
  ASSIGN_OR_RETURN(const auto notes, NotesOf(mirror));
  return store.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const ledger::KeyBook book, ReadKeyBook(transaction));
    ASSIGN_OR_RETURN(const std::optional<CheckpointRow> last, transaction.LatestCheckpoint());
    for (const auto& [size, note] : notes) {
      if (size > mirror.size || (last.has_value() && size <= last->size)) continue;
      RETURN_IF_ERROR(AppendNote(transaction, book, note));
    }
    return absl::OkStatus();
  });
}

}  // namespace

absl::StatusOr<ChosenMirror> ChooseMirror(Store& store, const std::vector<std::string>& mirrors) {
  if (mirrors.empty()) return absl::InvalidArgumentError("no mirror was named; give --from-mirror FOLDER");
  ASSIGN_OR_RETURN(const BackupFacts facts, FactsOf(store));
  const LedgerKeys keys = LedgerKeysOf(facts.book);
  std::vector<std::string> prefixes;
  ChosenMirror chosen;
  chosen.backup_size = facts.size;
  chosen.backup_seconds = facts.sealed.has_value() ? facts.sealed->sealed_unix_seconds : 0;
  for (const std::string& directory : mirrors) {
    ASSIGN_OR_RETURN(std::string note, ReadPublicFile(directory + "/checkpoint"));
    ASSIGN_OR_RETURN(const ledger::Checkpoint checkpoint, ledger::ReadCheckpoint(note));
    prefixes.push_back(note);
    if (!chosen.directory.empty() && checkpoint.size <= chosen.size) continue;
    chosen.directory = directory;
    chosen.size = checkpoint.size;
    chosen.note = std::move(note);
  }
  // A backup that is newer than every mirror is compared entry by entry, as far as the mirror goes.
  if (facts.sealed.has_value() && facts.sealed->size <= chosen.size) prefixes.push_back(facts.sealed->note);
  RETURN_IF_ERROR(CheckWhole(chosen.directory, keys, prefixes));
  RETURN_IF_ERROR(CheckSameEntries(store, chosen));
  return chosen;
}

absl::Status TakeUpMirror(Store& store, const ChosenMirror& mirror) {
  RETURN_IF_ERROR(AppendEntries(store, mirror));
  RETURN_IF_ERROR(AppendNotes(store, mirror));
  return RebuildMembers(store, mirror.backup_size, mirror.backup_seconds);
}

}  // namespace consort::coordinator
