#include "common/ledger/export.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/crypto/key_file.h"
#include "common/failpoint/failpoint.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/export_files.h"
#include "common/ledger/export_layout.h"
#include "common/ledger/grown_tree.h"
#include "common/status/macros.h"

namespace consort::ledger {
namespace {

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

// The checkpoint that the folder ends with; of size 0 if it holds none.
absl::StatusOr<Checkpoint> Published(const std::string& directory) {
  const auto note = ReadPublicFile(absl::StrCat(directory, "/", kCheckpointFile));
  if (absl::IsNotFound(note.status())) return Checkpoint{.origin = "", .size = 0, .root = EmptyRoot()};
  RETURN_IF_ERROR(note.status());
  return ReadCheckpoint(*note);
}

// A database restored from an old backup must not take a published history back.
absl::Status CheckNotOlder(const Checkpoint& published, const Checkpoint& newest) {
  const bool is_empty = published.origin.empty();
  if (is_empty || (published.origin == newest.origin && published.size <= newest.size))
    return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "folder holds the export of another or a longer ledger; export to an empty folder: ", published.origin,
      " of size ", published.size, ", ours ", newest.origin, " of ", newest.size));
}

// Whether `checkpoint` was published before: its root was compared with the entries then.
bool IsThere(const std::string& directory, const Checkpoint& checkpoint) {
  const auto note =
      ReadPublicFile(absl::StrCat(directory, "/", kCheckpointsFolder, "/", checkpoint.size), kMaxNoteBytes);
  const auto there = note.ok() ? ReadCheckpoint(*note) : note.status();
  return there.ok() && there->Text() == checkpoint.Text();
}

class Exporter {
 public:
  Exporter(const ExportSource& source, uint64_t from, const std::string& directory)
      : source_(source), from_(from), directory_(directory) {}

  absl::Status Run(const std::vector<Checkpoint>& checkpoints) {
    RETURN_IF_ERROR(CheckFolder(checkpoints.back()));
    // Twice, so that nothing is written from a damaged store; and checked twice, since the source may be far
    // away.
    RETURN_IF_ERROR(ReadAndCheck(checkpoints, [](const Tile&) { return absl::OkStatus(); }));
    RETURN_IF_ERROR(
        ReadAndCheck(checkpoints, [this](const Tile& tile) { return WriteTile(directory_, tile); }));
    CONSORT_FAILPOINT("publish.tiles");
    RETURN_IF_ERROR(WriteNotes(directory_, source_.checkpoints, checkpoints, source_.keys.policy));
    CONSORT_FAILPOINT("publish.notes");
    RETURN_IF_ERROR(WriteKeys(directory_, source_.keys));
    RETURN_IF_ERROR(WriteNewest(directory_, source_.checkpoints.back(), source_.keys.policy));
    CONSORT_FAILPOINT("publish.checkpoint");
    return absl::OkStatus();
  }

 private:
  absl::Status CheckFolder(const Checkpoint& newest) {
    ASSIGN_OR_RETURN(const Checkpoint published, Published(directory_));
    RETURN_IF_ERROR(CheckNotOlder(published, newest));
    if (published.size >= from_) return absl::OkStatus();
    return absl::FailedPreconditionError(
        absl::StrCat("folder holds fewer entries than the export is to go on from; export from ",
                     published.size, " on: asked for ", from_));
  }

  // Reads the entries from the last bundle that is not full, checks that they give every root that was signed
  // and cuts them into tiles.
  absl::Status ReadAndCheck(const std::vector<Checkpoint>& checkpoints,
                            const std::function<absl::Status(const Tile&)>& take) {
    GrownTree tree(from_, source_.subtree);
    std::vector<std::string> last_bundle;
    const uint64_t start = from_ / kTileWidth * kTileWidth;
    if (start < from_) {
      RETURN_IF_ERROR(source_.read(start, from_, [&](absl::string_view entry) {
        last_bundle.emplace_back(entry);
        return absl::OkStatus();
      }));
    }
    ASSIGN_OR_RETURN(TileBuilder builder, TileBuilder::Resume(from_, source_.subtree, last_bundle, take));
    const uint64_t end = checkpoints.back().size;
    if (from_ < end) {
      RETURN_IF_ERROR(source_.read(from_, end, [&](absl::string_view entry) -> absl::Status {
        const Digest leaf_hash = LeafHash(entry);
        RETURN_IF_ERROR(tree.Append(leaf_hash));
        return builder.Append(entry, leaf_hash);
      }));
    }
    for (const Checkpoint& checkpoint : checkpoints) RETURN_IF_ERROR(CheckRoot(checkpoint, tree));
    return builder.Finish();
  }

  absl::Status CheckRoot(const Checkpoint& checkpoint, const GrownTree& tree) {
    if (checkpoint.size < from_ && IsThere(directory_, checkpoint)) return absl::OkStatus();
    const absl::StatusOr<Digest> root = tree.Root(checkpoint.size);
    if (root.ok() && *root == checkpoint.root) return absl::OkStatus();
    return absl::DataLossError(absl::StrCat(
        "ledger's entries do not give the root that was signed; restore the ledger from a backup: ",
        "checkpoint of size ", checkpoint.size, ", ", tree.size(), " entries read"));
  }

  const ExportSource& source_;
  const uint64_t from_;
  const std::string& directory_;
};

}  // namespace

absl::Status WriteExport(const ExportSource& source, const std::string& directory) {
  ASSIGN_OR_RETURN(const std::vector<Checkpoint> checkpoints, OpenAll(source));
  RETURN_IF_ERROR(Exporter(source, 0, directory).Run(checkpoints));
  RemovePartialTiles(directory, 0, checkpoints.back().size);
  return absl::OkStatus();
}

absl::Status WriteExportDelta(const ExportSource& source, uint64_t from, uint64_t to,
                              const std::string& directory) {
  ASSIGN_OR_RETURN(const std::vector<Checkpoint> checkpoints, OpenAll(source));
  if (checkpoints.back().size != to || from > to) {
    return absl::InvalidArgumentError(absl::StrCat("export must end with its last checkpoint: from ", from,
                                                   " to ", to, ", the last checkpoint is of size ",
                                                   checkpoints.back().size));
  }
  RETURN_IF_ERROR(Exporter(source, from, directory).Run(checkpoints));
  RemovePartialTiles(directory, from, source.witnessed_size);
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> PublishedSize(const std::string& directory) {
  ASSIGN_OR_RETURN(const Checkpoint published, Published(directory));
  return published.size;
}

}  // namespace consort::ledger
