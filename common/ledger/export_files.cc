#include "common/ledger/export_files.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/artifact/durable_file.h"
#include "common/crypto/key_file.h"
#include "common/ledger/export_layout.h"
#include "common/ledger/note.h"
#include "common/ledger/policy.h"
#include "common/ledger/tlog_proof.h"
#include "common/status/macros.h"

namespace consort::ledger {
namespace {

namespace fs = std::filesystem;

constexpr int kPublicMode = 0644;    // any web server may read an export
constexpr uint64_t kLookBack = 256;  // tiles: 65,536 entries that waited for their witnesses

absl::Status MakeFolder(const fs::path& folder) {
  std::error_code error;
  if (folder.empty() || fs::is_directory(folder, error)) return absl::OkStatus();
  RETURN_IF_ERROR(MakeFolder(folder.parent_path()));
  fs::create_directory(folder, error);
  if (error) {
    return absl::InternalError(
        absl::StrCat("cannot make a folder of the export: ", error.message(), ": ", folder.string()));
  }
  return SyncDirectoryOf(folder.string());
}

absl::Status MakeFolderOf(const std::string& path) { return MakeFolder(fs::path(path).parent_path()); }

absl::Status Differs(const std::string& path) {
  return absl::DataLossError(absl::StrCat(
      "export holds a file that differs from the ledger: keep it as evidence and export to an empty folder: ",
      path));
}

absl::Status WriteIfChanged(const std::string& path, const std::string& bytes) {
  RETURN_IF_ERROR(MakeFolderOf(path));
  const auto there = ReadPublicFile(path, kMaxTileBytes);
  if (there.ok() && *there == bytes) return absl::OkStatus();
  return ReplaceFile(path, bytes, kPublicMode);
}

// More signatures may come to a note; its text is said once.
absl::Status WriteNote(const std::string& path, const std::string& bytes, const Checkpoint& checkpoint) {
  const auto there = ReadPublicFile(path, kMaxNoteBytes);
  if (there.ok()) {
    const absl::StatusOr<Checkpoint> published = ReadCheckpoint(*there);
    if (!published.ok() || published->Text() != checkpoint.Text()) return Differs(path);
  } else if (!absl::IsNotFound(there.status())) {
    return there.status();
  }
  return WriteIfChanged(path, bytes);
}

struct CutNote {
  std::string note;
  std::string rest;  // lines of the signatures that it lost
};

absl::StatusOr<CutNote> Cut(const std::string& note, const std::string& policy) {
  ASSIGN_OR_RETURN(const Note whole, ParseNote(note));
  if (whole.signatures.size() <= kMaxPublishedSignatures) return CutNote{note, ""};
  ASSIGN_OR_RETURN(const Policy parsed, Policy::Parse(policy));
  CutNote cut;
  ASSIGN_OR_RETURN(cut.note, QuorumNote(note, parsed));
  ASSIGN_OR_RETURN(const Note kept, ParseNote(cut.note));
  std::set<std::string> lines;
  for (const NoteSignature& signature : kept.signatures) lines.insert(signature.Line());
  for (const NoteSignature& signature : whole.signatures) {
    if (!lines.contains(signature.Line())) absl::StrAppend(&cut.rest, signature.Line());
  }
  return cut;
}

std::string Lines(const std::vector<std::string>& lines) {
  return lines.empty() ? "" : absl::StrCat(absl::StrJoin(lines, "\n"), "\n");
}

}  // namespace

absl::Status WriteTile(const std::string& directory, const Tile& tile) {
  const std::string path = absl::StrCat(directory, "/", TilePath(tile.level, tile.n, tile.width));
  RETURN_IF_ERROR(MakeFolderOf(path));
  const absl::Status written = WriteNewFile(path, tile.bytes, kPublicMode);
  if (!absl::IsAlreadyExists(written)) return written;
  ASSIGN_OR_RETURN(const std::string there, ReadPublicFile(path, kMaxTileBytes));
  return there == tile.bytes ? absl::OkStatus() : Differs(path);
}

absl::Status WriteNotes(const std::string& directory, const std::vector<std::string>& notes,
                        const std::vector<Checkpoint>& opened, const std::string& policy) {
  for (size_t i = 0; i < notes.size(); ++i) {
    ASSIGN_OR_RETURN(const CutNote cut, Cut(notes[i], policy));
    const auto path = [&](absl::string_view folder) {
      return absl::StrCat(directory, "/", folder, "/", opened[i].size);
    };
    RETURN_IF_ERROR(WriteNote(path(kCheckpointsFolder), cut.note, opened[i]));
    if (!cut.rest.empty()) RETURN_IF_ERROR(WriteIfChanged(path(kCosignaturesFolder), cut.rest));
  }
  return absl::OkStatus();
}

absl::Status WriteKeys(const std::string& directory, const ExportKeys& keys) {
  RETURN_IF_ERROR(WriteIfChanged(absl::StrCat(directory, "/", kLogKeyFile), Lines(keys.log_vkeys)));
  RETURN_IF_ERROR(WriteIfChanged(absl::StrCat(directory, "/", kEntryKeysFile), Lines(keys.entry_vkeys)));
  RETURN_IF_ERROR(WriteIfChanged(absl::StrCat(directory, "/", kWitnessKeysFile), Lines(keys.witness_vkeys)));
  return WriteIfChanged(absl::StrCat(directory, "/", kPolicyFile), keys.policy);
}

absl::Status WriteNewest(const std::string& directory, const std::string& note, const std::string& policy) {
  ASSIGN_OR_RETURN(const CutNote cut, Cut(note, policy));
  return WriteIfChanged(absl::StrCat(directory, "/", kCheckpointFile), cut.note);
}

void RemovePartialTiles(const std::string& directory, uint64_t from, uint64_t witnessed_size) {
  const auto remove = [&](absl::string_view level, uint64_t from_tile, uint64_t full_tiles) {
    const uint64_t recent = full_tiles > kLookBack ? full_tiles - kLookBack : 0;
    for (uint64_t n = std::min(from_tile, recent); n < full_tiles; ++n) {
      const std::string full = absl::StrCat(directory, "/", TilePath(level, n, kTileWidth));
      std::error_code error;
      if (fs::exists(full + ".p", error) && fs::exists(full, error)) fs::remove_all(full + ".p", error);
    }
  };
  uint64_t from_tile = from / kTileWidth;
  uint64_t full_tiles = witnessed_size / kTileWidth;
  remove("entries", from_tile, full_tiles);
  for (int level = 0; full_tiles > 0; ++level, from_tile /= kTileWidth, full_tiles /= kTileWidth)
    remove(absl::StrCat(level), from_tile, full_tiles);
}

}  // namespace consort::ledger
