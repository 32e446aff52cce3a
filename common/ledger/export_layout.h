// Where the files of an export lie, and how its entries are read back. Callers outside use export.h and
// verify.h.
#ifndef CONSORT_COMMON_LEDGER_EXPORT_LAYOUT_H_
#define CONSORT_COMMON_LEDGER_EXPORT_LAYOUT_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/signing_key.h"

namespace consort::ledger {

inline constexpr char kCheckpointFile[] = "checkpoint";
inline constexpr char kCheckpointsFolder[] = "checkpoints";
inline constexpr char kCosignaturesFolder[] = "cosignatures";
inline constexpr char kLogKeyFile[] = "keys/log.vkey";
inline constexpr char kEntryKeysFile[] = "keys/entries.vkeys";
inline constexpr char kWitnessKeysFile[] = "keys/witnesses.vkeys";
inline constexpr char kPolicyFile[] = "keys/policy";

// A full bundle of entries of the format's largest size.
inline constexpr size_t kMaxTileBytes = 256 * (2 + 65'535);

// Parses one verifier key a line; empty lines and lines that start with '#' are skipped. Errors:
// InvalidArgument.
absl::StatusOr<std::vector<VerifierKey>> ParseVerifierKeys(const std::vector<std::string>& lines);
// The same for a file of an export. Errors: also NotFound and as ReadPublicFile.
absl::StatusOr<std::vector<VerifierKey>> ReadVerifierKeys(const std::string& path);

// Which tile files an export has: widths by level and number; 256 stands for the full tile.
using TileFiles = std::map<std::pair<std::string, uint64_t>, std::set<int>>;

// Lists the files below `directory`/tile that are named as tiles. Errors: Internal with the system's reason.
absl::StatusOr<TileFiles> ListTiles(const std::string& directory);

// One bundle of entries, read back.
struct EntryBundle {
  std::unique_ptr<const std::string> bytes;
  std::vector<absl::string_view> entries;  // views into `bytes`
};
// Reads bundle `n` of a ledger of `size` entries: from the file of that width, or from the full one, of which
// the entries past `size` are left out. Errors: NotFound for a missing bundle, DataLoss for one with the
// wrong number of entries, both naming the first leaf in it.
absl::StatusOr<EntryBundle> ReadEntryBundle(const std::string& directory, uint64_t n, uint64_t size);

// Calls `take` for the first `size` entries in order. Errors: as ReadEntryBundle; those of `take`.
absl::Status ReadEntryBundles(
    const std::string& directory, uint64_t size,
    const std::function<absl::Status(uint64_t index, absl::string_view envelope)>& take);

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_EXPORT_LAYOUT_H_
