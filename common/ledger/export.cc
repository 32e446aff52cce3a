#include "common/ledger/export.h"

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/crypto/key_file.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/export_layout.h"
#include "common/ledger/merkle_tree.h"
#include "common/ledger/tile_builder.h"
#include "common/status/macros.h"

namespace consort::ledger {
namespace {

constexpr int kPublicMode = 0644;  // any web server may read an export

absl::Status MakeFolderOf(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  if (!error) return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat("cannot make a folder of the export: ", error.message(), ": ", path));
}

// For files whose content can never change: one that differs belongs to another history.
absl::Status WriteOnce(const std::string& path, const std::string& bytes) {
  RETURN_IF_ERROR(MakeFolderOf(path));
  const absl::Status written = WriteNewFile(path, bytes, kPublicMode);
  if (!absl::IsAlreadyExists(written)) return written;
  ASSIGN_OR_RETURN(const std::string there, ReadPublicFile(path, kMaxTileBytes));
  if (there == bytes) return absl::OkStatus();
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

std::string Lines(const std::vector<std::string>& lines) {
  return lines.empty() ? "" : absl::StrCat(absl::StrJoin(lines, "\n"), "\n");
}

absl::StatusOr<std::vector<Checkpoint>> OpenAll(const ExportSource& source) {
  ASSIGN_OR_RETURN(const std::vector<VerifierKey> log_keys, ParseVerifierKeys(source.keys.log_vkeys));
  std::vector<Checkpoint> checkpoints;
  for (const std::string& note : source.checkpoints) {
    ASSIGN_OR_RETURN(OpenedCheckpoint opened, OpenCheckpoint(note, log_keys));
    if (!checkpoints.empty() && opened.checkpoint.size <= checkpoints.back().size) {
      return absl::InvalidArgumentError(absl::StrCat("checkpoints must come in growing sizes; found ",
                                                     opened.checkpoint.size, " after ",
                                                     checkpoints.back().size));
    }
    checkpoints.push_back(std::move(opened.checkpoint));
  }
  if (checkpoints.empty()) {
    return absl::FailedPreconditionError(
        "ledger has no checkpoint yet; nothing can be exported before the first seal");
  }
  return checkpoints;
}

// A database restored from an old backup must not take a published history back.
absl::Status CheckNotOlder(const std::string& directory, const Checkpoint& newest) {
  const auto note = ReadPublicFile(absl::StrCat(directory, "/", kCheckpointFile));
  if (absl::IsNotFound(note.status())) return absl::OkStatus();
  RETURN_IF_ERROR(note.status());
  ASSIGN_OR_RETURN(const Checkpoint published, ReadCheckpoint(*note));
  if (published.origin == newest.origin && published.size <= newest.size) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "folder holds the export of another or a longer ledger; export to an empty folder: ", published.origin,
      " of size ", published.size, ", ours ", newest.origin, " of ", newest.size));
}

// Reads every entry once and checks that they give every root that was signed; `also` sees each entry.
absl::Status ReadAndCheck(const ExportSource& source, const std::vector<Checkpoint>& checkpoints,
                          const std::function<absl::Status(absl::string_view entry)>& also) {
  MemoryTree tree;
  RETURN_IF_ERROR(source.read(0, checkpoints.back().size, [&](absl::string_view entry) -> absl::Status {
    tree.Append(LeafHash(entry));
    return also(entry);
  }));
  for (const Checkpoint& checkpoint : checkpoints) {
    const absl::StatusOr<Digest> root = tree.Root(checkpoint.size);
    if (!root.ok() || *root != checkpoint.root) {
      return absl::DataLossError(absl::StrCat(
          "ledger's entries do not give the root that was signed; restore the ledger from a backup: ",
          "checkpoint of size ", checkpoint.size, ", ", tree.size(), " entries read"));
    }
  }
  return absl::OkStatus();
}

absl::Status WriteTile(const std::string& directory, const Tile& tile) {
  const std::string path = absl::StrCat(directory, "/", TilePath(tile.level, tile.n, tile.width));
  RETURN_IF_ERROR(WriteOnce(path, tile.bytes));
  if (tile.width < kTileWidth) return absl::OkStatus();
  std::error_code error;  // partial tiles are of no more use; a file that stays does no harm
  std::filesystem::remove_all(absl::StrCat(path, ".p"), error);
  return absl::OkStatus();
}

absl::Status WriteKeys(const ExportKeys& keys, const std::string& directory) {
  RETURN_IF_ERROR(WriteIfChanged(absl::StrCat(directory, "/", kLogKeyFile), Lines(keys.log_vkeys)));
  RETURN_IF_ERROR(WriteIfChanged(absl::StrCat(directory, "/", kEntryKeysFile), Lines(keys.entry_vkeys)));
  RETURN_IF_ERROR(WriteIfChanged(absl::StrCat(directory, "/", kWitnessKeysFile), Lines(keys.witness_vkeys)));
  return WriteIfChanged(absl::StrCat(directory, "/", kPolicyFile), keys.policy);
}

}  // namespace

absl::Status WriteExport(const ExportSource& source, const std::string& directory) {
  ASSIGN_OR_RETURN(const std::vector<Checkpoint> checkpoints, OpenAll(source));
  RETURN_IF_ERROR(CheckNotOlder(directory, checkpoints.back()));
  // Twice, so that nothing is written from a damaged store; and checked twice, since the source may be far
  // away.
  RETURN_IF_ERROR(ReadAndCheck(source, checkpoints, [](absl::string_view) { return absl::OkStatus(); }));
  TileBuilder builder([&directory](const Tile& tile) { return WriteTile(directory, tile); });
  RETURN_IF_ERROR(
      ReadAndCheck(source, checkpoints, [&](absl::string_view entry) { return builder.Append(entry); }));
  RETURN_IF_ERROR(builder.Finish());
  for (size_t i = 0; i < checkpoints.size(); ++i) {
    RETURN_IF_ERROR(WriteIfChanged(absl::StrCat(directory, "/", kCheckpointsFolder, "/", checkpoints[i].size),
                                   source.checkpoints[i]));
  }
  RETURN_IF_ERROR(WriteKeys(source.keys, directory));
  return WriteIfChanged(absl::StrCat(directory, "/", kCheckpointFile), source.checkpoints.back());
}

}  // namespace consort::ledger
