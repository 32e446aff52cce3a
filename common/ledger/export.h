// A ledger as files: C2SP tlog-tiles, checkpoints and keys, servable by any web server or carried on a stick.
#ifndef CONSORT_COMMON_LEDGER_EXPORT_H_
#define CONSORT_COMMON_LEDGER_EXPORT_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/ledger/merkle_tree.h"
#include "common/ledger/tile_builder.h"

namespace consort::ledger {

struct ExportKeys {
  std::vector<std::string> log_vkeys;
  std::vector<std::string> entry_vkeys;
  std::vector<std::string> witness_vkeys;
  std::string policy;
};
struct ExportSource {
  // Entries [start, end) in order; called once or more, never for none. Errors end the export.
  std::function<absl::Status(uint64_t start, uint64_t end,
                             std::function<absl::Status(absl::string_view)> take)>
      read;
  std::vector<std::string> checkpoints;  // signed notes, growing sizes; the last one bounds the export
  ExportKeys keys;
  // WriteExportDelta only: of the stored tree; CopyTail of the old size is enough.
  SubtreeHash subtree;
  // WriteExportDelta only: a quorum has cosigned a checkpoint of this size. Partial tiles go once the full
  // one is there and lies below it: until then somebody may still need them to check what he holds.
  uint64_t witnessed_size = 0;
};

// A note of more signatures is published with those of one smallest quorum of the policy; the others stand in
// cosignatures/<size>, a line each: C2SP asks readers to accept 16.
inline constexpr size_t kMaxPublishedSignatures = 16;

// Writes checkpoint, checkpoints/<size>, tile/**, keys/** under `directory` (created if missing), the public
// `checkpoint` last. Files already there and equal are left alone, so that an export can be repeated and
// grown; partial tiles go once the full one is there. Errors: FailedPrecondition without a checkpoint, or if
// `directory` holds another or a longer ledger; DataLoss if the entries do not give a checkpoint's root
// (nothing is written then) or a tile or the text of a checkpoint there differs; InvalidArgument and
// Unauthenticated for notes that `keys` do not open; the disk's as StatusOfErrno.
absl::Status WriteExport(const ExportSource& source, const std::string& directory);

// Brings a folder that holds the export of the first `from` entries (0: none) to `to`, the size of the last
// checkpoint, and touches no tile below: a new checkpoint over a large ledger costs what is new. `read` is
// asked for no entry before the bundle that `from` lies in. Each file is durable before the next is begun, in
// the order bundles and tiles, checkpoints/<size>, cosignatures/<size>, keys/*, checkpoint, and old partial
// tiles go last: whoever reads the folder meanwhile, or after a crash, finds everything that `checkpoint`
// covers, and the same call again completes it. Checkpoints of sizes up to `from` may be among the notes, say
// with more cosignatures than before. Errors: as WriteExport; FailedPrecondition also if the folder holds
// fewer entries than `from`.
absl::Status WriteExportDelta(const ExportSource& source, uint64_t from, uint64_t to,
                              const std::string& directory);

// Size of the checkpoint that a folder's export ends with, 0 if it holds none: where to go on. Errors:
// InvalidArgument if the file is no checkpoint; as ReadPublicFile.
absl::StatusOr<uint64_t> PublishedSize(const std::string& directory);

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_EXPORT_H_
