#include "common/ledger/tile_builder.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/ledger/merkle_tree.h"
#include "common/status/macros.h"

namespace consort::ledger {
namespace {

constexpr size_t kMaxBundledEntryBytes = 65'535;  // C2SP tlog-tiles: a uint16 length stands before the entry

void StartNext(Tile& tile) {
  ++tile.n;
  tile.width = 0;
  tile.bytes.clear();
}

// The tree hash over the hashes of a full tile.
absl::StatusOr<Digest> RootOfTile(const Tile& tile) {
  MemoryTree tree;
  for (int i = 0; i < tile.width; ++i) {
    Digest hash;
    std::copy_n(tile.bytes.begin() + i * hash.size(), hash.size(), hash.begin());
    tree.Append(hash);
  }
  return tree.Root(tile.width);
}

}  // namespace

absl::Status TileBuilder::Append(absl::string_view entry) {
  if (entry.size() > kMaxBundledEntryBytes) {
    return absl::InvalidArgumentError(absl::StrCat("ledger entry cannot stand in a tile; at most ",
                                                   kMaxBundledEntryBytes, " bytes, found ", entry.size(),
                                                   " (leaf ", entries_.n * kTileWidth + entries_.width, ")"));
  }
  entries_.bytes += static_cast<char>(entry.size() >> 8);
  entries_.bytes += static_cast<char>(entry.size() & 0xFF);
  entries_.bytes.append(entry.data(), entry.size());
  if (++entries_.width == kTileWidth) {
    RETURN_IF_ERROR(take_(entries_));
    StartNext(entries_);
  }
  return AppendHash(0, LeafHash(entry));
}

absl::Status TileBuilder::AppendHash(size_t level, const Digest& hash) {
  if (level == hashes_.size()) hashes_.push_back({.level = absl::StrCat(level)});
  hashes_[level].bytes += std::string(ViewOf(hash));
  if (++hashes_[level].width < kTileWidth) return absl::OkStatus();
  RETURN_IF_ERROR(take_(hashes_[level]));
  ASSIGN_OR_RETURN(const Digest root, RootOfTile(hashes_[level]));
  StartNext(hashes_[level]);
  return AppendHash(level + 1, root);
}

absl::Status TileBuilder::Finish() {
  if (entries_.width > 0) RETURN_IF_ERROR(take_(entries_));
  for (const Tile& tile : hashes_) {
    if (tile.width > 0) RETURN_IF_ERROR(take_(tile));
  }
  return absl::OkStatus();
}

}  // namespace consort::ledger
