// Cuts a sequence of entries into the tiles of C2SP tlog-tiles. The exporter writes what comes out; the
// verifier compares it with what is there.
#ifndef CONSORT_COMMON_LEDGER_TILE_BUILDER_H_
#define CONSORT_COMMON_LEDGER_TILE_BUILDER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/digest.h"
#include "common/ledger/merkle_tree.h"

namespace consort::ledger {

inline constexpr int kTileWidth = 256;

struct Tile {
  std::string level;  // "entries", or "0", "1", ... for hashes
  uint64_t n = 0;     // which tile of its level
  int width = 0;      // 1 to kTileWidth; less than kTileWidth only for the last of a level
  std::string bytes;  // hashes of 32 bytes, or entries behind a big-endian uint16 length each
};

// Memory: one tile of entries and one tile of hashes a level. Not thread-safe.
class TileBuilder {
 public:
  // `take` receives each tile once, when it is full or at the end. Its errors end the work.
  explicit TileBuilder(std::function<absl::Status(const Tile&)> take) : take_(std::move(take)) {}

  // A builder that has taken `size` entries already; only tiles that reach past them go to `take`. `subtree`:
  // of a tree that holds those entries. `last_bundle`: the last size % kTileWidth of them. Errors: DataLoss
  // if these are not the tree's; InvalidArgument for another number of them; those of `subtree`.
  static absl::StatusOr<TileBuilder> Resume(uint64_t size, const SubtreeHash& subtree,
                                            const std::vector<std::string>& last_bundle,
                                            std::function<absl::Status(const Tile&)> take);

  // Adds the next entry; full tiles go to `take`. Errors: InvalidArgument past 65,535 bytes; those of `take`.
  absl::Status Append(absl::string_view entry);
  // The same for whoever has hashed the entry already.
  absl::Status Append(absl::string_view entry, const Digest& leaf_hash);
  // Gives the partial tiles to `take`. Nothing may be appended afterwards.
  absl::Status Finish();

 private:
  absl::Status AppendHash(size_t level, const Digest& hash);

  std::function<absl::Status(const Tile&)> take_;
  Tile entries_{.level = "entries"};
  std::vector<Tile> hashes_;  // the tile that each level is filling
};

// The hashes of a tree that Resume and roots from `size` on need, copied, for another thread than the tree's:
// asked for any other, it is OutOfRange. Errors: those of `subtree`.
absl::StatusOr<SubtreeHash> CopyTail(uint64_t size, const SubtreeHash& subtree);

// Path of a tile in an export: "tile/<level>/000", "tile/<level>/x001/x234/067", with ".p/<width>" for
// partial tiles. `level` is "entries" or a number; `width` is 256 for full tiles.
std::string TilePath(absl::string_view level, uint64_t n, int width);

// Paths of the tiles that an export of `size` entries has and one of `held` entries lacks, bundles of entries
// first. Precondition: held <= size.
std::vector<std::string> MissingTiles(uint64_t size, uint64_t held = 0);

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_TILE_BUILDER_H_
