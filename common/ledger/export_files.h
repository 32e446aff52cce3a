// Writes the files of an export, each durable before the next. Private to common/ledger.
#ifndef CONSORT_COMMON_LEDGER_EXPORT_FILES_H_
#define CONSORT_COMMON_LEDGER_EXPORT_FILES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/export.h"
#include "common/ledger/tile_builder.h"

namespace consort::ledger {

// Errors of all: the disk's as StatusOfErrno.

// A tile never changes. Errors: DataLoss if the file is there and differs.
absl::Status WriteTile(const std::string& directory, const Tile& tile);

// checkpoints/<size> and, past kMaxPublishedSignatures, cosignatures/<size>. `opened`: of the notes, in their
// order. Errors: DataLoss if a note of another text is there; InvalidArgument if the policy that would cut a
// note cannot be read.
absl::Status WriteNotes(const std::string& directory, const std::vector<std::string>& notes,
                        const std::vector<Checkpoint>& opened, const std::string& policy);

absl::Status WriteKeys(const std::string& directory, const ExportKeys& keys);

// The public `checkpoint`. Errors: as WriteNotes for the policy.
absl::Status WriteNewest(const std::string& directory, const std::string& note, const std::string& policy);

// Removes partial tiles whose full tile is there and lies below `witnessed_size`. Looks at the tiles that
// reach past `from` and at kLookBack tiles of each level before: what stays does no harm.
void RemovePartialTiles(const std::string& directory, uint64_t from, uint64_t witnessed_size);

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_EXPORT_FILES_H_
