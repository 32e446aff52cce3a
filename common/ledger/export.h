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

namespace consort::ledger {

struct ExportKeys {
  std::vector<std::string> log_vkeys;
  std::vector<std::string> entry_vkeys;
  std::vector<std::string> witness_vkeys;
  std::string policy;
};
struct ExportSource {
  // Entries [start, end) in order; called twice. Errors end the export.
  std::function<absl::Status(uint64_t start, uint64_t end,
                             std::function<absl::Status(absl::string_view)> take)>
      read;
  std::vector<std::string> checkpoints;  // signed notes, growing sizes; the last one bounds the export
  ExportKeys keys;
};

// Writes checkpoint, checkpoints/<size>, tile/**, keys/** under `directory` (created if missing), the public
// `checkpoint` last. Files already there and equal are left alone, so that an export can be repeated and
// grown; partial tiles go once the full one is there. Errors: FailedPrecondition without a checkpoint, or if
// `directory` holds another or a longer ledger; DataLoss if the entries do not give a checkpoint's root
// (nothing is written then) or a tile there differs; InvalidArgument and Unauthenticated for notes that
// `keys` do not open; the disk's as StatusOfErrno.
absl::Status WriteExport(const ExportSource& source, const std::string& directory);

// Path of a tile in an export: "tile/<level>/000", "tile/<level>/x001/x234/067", with ".p/<width>" for
// partial tiles. `level` is "entries" or a number; `width` is 256 for full tiles.
std::string TilePath(absl::string_view level, uint64_t n, int width);

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_EXPORT_H_
