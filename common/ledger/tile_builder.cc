#include "common/ledger/tile_builder.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/status/macros.h"

namespace consort::ledger {
namespace {

constexpr int kTileLevels = 8;                    // levels of the tree in a tile: 2^8 hashes
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

void AppendEntry(Tile& bundle, absl::string_view entry) {
  bundle.bytes += static_cast<char>(entry.size() >> 8);
  bundle.bytes += static_cast<char>(entry.size() & 0xFF);
  bundle.bytes.append(entry.data(), entry.size());
  ++bundle.width;
}

}  // namespace

absl::Status TileBuilder::Append(absl::string_view entry) { return Append(entry, LeafHash(entry)); }

absl::Status TileBuilder::Append(absl::string_view entry, const Digest& leaf_hash) {
  if (entry.size() > kMaxBundledEntryBytes) {
    return absl::InvalidArgumentError(absl::StrCat("ledger entry cannot stand in a tile; at most ",
                                                   kMaxBundledEntryBytes, " bytes, found ", entry.size(),
                                                   " (leaf ", entries_.n * kTileWidth + entries_.width, ")"));
  }
  AppendEntry(entries_, entry);
  if (entries_.width == kTileWidth) {
    RETURN_IF_ERROR(take_(entries_));
    StartNext(entries_);
  }
  return AppendHash(0, leaf_hash);
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

absl::StatusOr<TileBuilder> TileBuilder::Resume(uint64_t size, const SubtreeHash& subtree,
                                                const std::vector<std::string>& last_bundle,
                                                std::function<absl::Status(const Tile&)> take) {
  if (last_bundle.size() != size % kTileWidth) {
    return absl::InvalidArgumentError(absl::StrCat("last bundle of a ledger of ", size, " entries has ",
                                                   size % kTileWidth, " of them; found ",
                                                   last_bundle.size()));
  }
  TileBuilder builder(std::move(take));
  builder.entries_.n = size / kTileWidth;
  for (const std::string& entry : last_bundle) AppendEntry(builder.entries_, entry);
  int level = 0;
  for (uint64_t count = size; count > 0; count /= kTileWidth, level += kTileLevels) {
    Tile tile{.level = absl::StrCat(level / kTileLevels), .n = count / kTileWidth};
    for (uint64_t n = tile.n * kTileWidth; n < count; ++n) {
      ASSIGN_OR_RETURN(const Digest hash, subtree(level, n));
      if (level == 0 && hash != LeafHash(last_bundle[n % kTileWidth])) {
        return absl::DataLossError(
            absl::StrCat("ledger entry is not the one that the tree holds; restore the ledger: entry ", n));
      }
      tile.bytes += std::string(ViewOf(hash));
      ++tile.width;
    }
    builder.hashes_.push_back(std::move(tile));
  }
  return builder;
}

absl::Status TileBuilder::Finish() {
  if (entries_.width > 0) RETURN_IF_ERROR(take_(entries_));
  for (const Tile& tile : hashes_) {
    if (tile.width > 0) RETURN_IF_ERROR(take_(tile));
  }
  return absl::OkStatus();
}

absl::StatusOr<SubtreeHash> CopyTail(uint64_t size, const SubtreeHash& subtree) {
  std::map<std::pair<int, uint64_t>, Digest> tail;
  int level = 0;
  for (uint64_t count = size; count > 0; count /= kTileWidth, level += kTileLevels) {
    for (uint64_t n = count / kTileWidth * kTileWidth; n < count; ++n) {
      ASSIGN_OR_RETURN((tail[{level, n}]), subtree(level, n));
    }
  }
  return [tail = std::move(tail)](int level, uint64_t n) -> absl::StatusOr<Digest> {
    const int above = level % kTileLevels;  // the level of a tile's hashes that it is made of
    MemoryTree tree;
    for (uint64_t i = n << above; i < (n + 1) << above; ++i) {
      const auto found = tail.find({level - above, i});
      if (found == tail.end())
        return absl::OutOfRangeError(absl::StrCat("no such hash was copied: level ", level, ", ", n));
      tree.Append(found->second);
    }
    return tree.Root(tree.size());
  };
}

std::string TilePath(absl::string_view level, uint64_t n, int width) {
  std::string number = absl::StrFormat("%03d", n % 1000);
  for (uint64_t rest = n / 1000; rest > 0; rest /= 1000)
    number = absl::StrFormat("x%03d/%s", rest % 1000, number);
  std::string path = absl::StrCat("tile/", level, "/", number);
  if (width < kTileWidth) absl::StrAppend(&path, ".p/", width);
  return path;
}

std::vector<std::string> MissingTiles(uint64_t size, uint64_t held) {
  std::vector<std::string> paths;
  const auto add = [&paths](absl::string_view level, uint64_t count, uint64_t held_count) {
    for (uint64_t n = held_count / kTileWidth; n < count / kTileWidth; ++n)
      paths.push_back(TilePath(level, n, kTileWidth));
    const int width = static_cast<int>(count % kTileWidth);
    if (width > 0 && count != held_count) paths.push_back(TilePath(level, count / kTileWidth, width));
  };
  add("entries", size, held);
  for (int level = 0; size > 0; ++level, size /= kTileWidth, held /= kTileWidth)
    add(absl::StrCat(level), size, held);
  return paths;
}

}  // namespace consort::ledger
