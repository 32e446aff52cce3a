// Compares the tile files of an export with what its entries give. Private to common/ledger.
#ifndef CONSORT_COMMON_LEDGER_TILE_COMPARER_H_
#define CONSORT_COMMON_LEDGER_TILE_COMPARER_H_

#include <cstdint>
#include <string>
#include <utility>

#include "common/ledger/export_layout.h"
#include "common/ledger/findings.h"
#include "common/ledger/tile_builder.h"

namespace consort::ledger {

// Every file of a tile must be equal, and one of them must cover it.
class TileComparer {
 public:
  // `directory` and `findings` are borrowed. `files`: of the export, by ListTiles.
  TileComparer(const std::string& directory, TileFiles files, Findings& findings)
      : directory_(directory), files_(std::move(files)), findings_(findings) {}

  // Reports a missing file or one that differs to the findings, as check "tiles".
  void Compare(const Tile& tile);

  uint64_t compared() const { return compared_; }

 private:
  void CompareFile(const Tile& tile, int width);

  const std::string& directory_;
  TileFiles files_;
  Findings& findings_;
  uint64_t compared_ = 0;
};

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_TILE_COMPARER_H_
