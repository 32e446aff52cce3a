#include "common/ledger/tile_comparer.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/key_file.h"
#include "common/ledger/export.h"

namespace consort::ledger {
namespace {

// A file of another width is an older partial tile, or of a log that has grown: what both cover must be
// equal.
bool Agrees(const std::string& file, int width, const Tile& tile) {
  if (width == tile.width) return file == tile.bytes;
  return width < tile.width ? absl::StartsWith(tile.bytes, file) : absl::StartsWith(file, tile.bytes);
}

}  // namespace

void TileComparer::Compare(const Tile& tile) {
  const std::set<int>& widths = files_[{tile.level, tile.n}];
  if (!widths.contains(tile.width) && !widths.contains(kTileWidth)) {
    findings_.Fail("tiles", absl::StrCat(TilePath(tile.level, tile.n, tile.width), " is missing"));
  }
  for (const int width : widths) CompareFile(tile, width);
}

void TileComparer::CompareFile(const Tile& tile, int width) {
  const std::string path = TilePath(tile.level, tile.n, width);
  const auto bytes = ReadPublicFile(absl::StrCat(directory_, "/", path), kMaxTileBytes);
  if (!bytes.ok() || !Agrees(*bytes, width, tile)) {
    const bool of_leaves = tile.level == "entries" || tile.level == "0";
    findings_.Fail("tiles",
                   absl::StrCat(path, " differs from what the entries give",
                                of_leaves ? absl::StrCat(" (first leaf ", tile.n * kTileWidth, ")") : ""));
  }
  ++compared_;
}

}  // namespace consort::ledger
