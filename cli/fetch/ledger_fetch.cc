#include "cli/fetch/ledger_fetch.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "common/artifact/durable_file.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/export.h"
#include "common/ledger/export_layout.h"
#include "common/ledger/note.h"
#include "common/ledger/policy.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

constexpr int kTileWidth = 256;
constexpr size_t kMaxHashTileBytes = 256 * 32;

void AddLevel(const std::string& level, uint64_t count, std::vector<TileName>& tiles) {
  for (uint64_t n = 0; n < count / kTileWidth; ++n) tiles.push_back({level, n, kTileWidth});
  const int rest = static_cast<int>(count % kTileWidth);
  if (rest != 0) tiles.push_back({level, count / kTileWidth, rest});
}

// It can be verified as it is; what a power cut takes is fetched again.
absl::Status Put(const std::string& directory, const std::string& path, absl::string_view bytes) {
  const std::filesystem::path target = std::filesystem::path(directory) / path;
  std::error_code error;
  std::filesystem::create_directories(target.parent_path(), error);
  if (error) return StatusOfErrno(error.value(), absl::StrCat("make a folder for ", path));
  return ReplaceFile(target.string(), bytes);
}

bool IsThere(const std::string& directory, const std::string& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(std::filesystem::path(directory) / path, error);
}

// A partial tile is gone once the log has grown past it; the full one holds the same and more.
absl::Status FetchTile(const FetchFile& fetch, const TileName& tile, const std::string& directory) {
  const size_t limit = tile.level == "entries" ? ledger::kMaxTileBytes : kMaxHashTileBytes;
  const std::string full = ledger::TilePath(tile.level, tile.n, kTileWidth);
  if (IsThere(directory, full)) return absl::OkStatus();
  if (tile.width != kTileWidth) {
    const std::string partial = ledger::TilePath(tile.level, tile.n, tile.width);
    const absl::StatusOr<std::string> bytes = fetch(partial, limit);
    if (bytes.ok()) return Put(directory, partial, *bytes);
    if (!absl::IsNotFound(bytes.status())) return bytes.status();
  }
  const absl::StatusOr<std::string> bytes = fetch(full, limit);
  if (bytes.ok()) return Put(directory, full, *bytes);
  if (!absl::IsNotFound(bytes.status())) return bytes.status();
  return absl::UnavailableError(absl::StrCat(
      "a tile of the published checkpoint is missing; the log may have grown meanwhile, try again: ",
      ledger::TilePath(tile.level, tile.n, tile.width)));
}

}  // namespace

std::vector<TileName> TilesOf(uint64_t size) {
  std::vector<TileName> tiles;
  AddLevel("entries", size, tiles);
  int level = 0;
  for (uint64_t count = size; count > 0; count /= kTileWidth) AddLevel(absl::StrCat(level++), count, tiles);
  return tiles;
}

absl::Status FetchLedger(const FetchFile& fetch, const std::string& directory,
                         const FetchProgress& progress) {
  ASSIGN_OR_RETURN(const std::string note, fetch(ledger::kCheckpointFile, ledger::kMaxNoteBytes));
  ASSIGN_OR_RETURN(const ledger::Checkpoint checkpoint, ledger::ReadCheckpoint(note));
  if (checkpoint.size > kMaxFetchedEntries) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the ledger is too long to fetch file by file; copy it on a disk: ", checkpoint.size,
                     " entries, at most ", kMaxFetchedEntries));
  }
  for (const char* keys :
       {ledger::kLogKeyFile, ledger::kEntryKeysFile, ledger::kWitnessKeysFile, ledger::kPolicyFile}) {
    const absl::StatusOr<std::string> bytes = fetch(keys, ledger::kMaxPolicyBytes);
    if (bytes.ok()) {
      RETURN_IF_ERROR(Put(directory, keys, *bytes));
    } else if (!absl::IsNotFound(bytes.status())) {
      return bytes.status();
    }
  }
  const std::vector<TileName> tiles = TilesOf(checkpoint.size);
  for (size_t i = 0; i < tiles.size(); ++i) {
    progress(i, tiles.size());
    RETURN_IF_ERROR(FetchTile(fetch, tiles[i], directory));
  }
  return Put(directory, ledger::kCheckpointFile, note);
}

}  // namespace consort::cli
