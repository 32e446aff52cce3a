// Checks an exported ledger offline and says what failed first.
#ifndef CONSORT_COMMON_LEDGER_VERIFY_H_
#define CONSORT_COMMON_LEDGER_VERIFY_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/ledger/entry.h"

namespace consort::ledger {

struct VerifyOptions {
  std::string directory;
  // Trusted log keys; empty: those in keys/log.vkey, which proves only that the export agrees with itself.
  std::vector<std::string> log_vkeys;
  std::vector<std::string> entry_vkeys;       // empty: keys/entries.vkeys
  std::vector<std::string> kept_checkpoints;  // older notes that must be prefixes
};
struct Check {
  std::string id;  // "checkpoint", "entries", "root", "tiles", "signatures", "replay", "rules", "consistency"
  bool passed = false;
  std::string detail;  // the first bad index and the reason, or what was counted
};
struct VerifyReport {
  std::vector<Check> checks;
  std::string origin;
  uint64_t size = 0;
  std::string root;  // hex
  bool passed() const;
};
// Runs every check it can. Errors: NotFound if there is no ledger in the directory; InvalidArgument for bad
// keys. A ledger that fails a check is not an error: the report says so.
absl::StatusOr<VerifyReport> VerifyExport(const VerifyOptions& options);

// Reads the entries of an export in order, for explanations. Errors: as the files; those of `take`.
absl::Status ReadExportEntries(
    const std::string& directory,
    const std::function<absl::Status(uint64_t index, absl::string_view envelope)>& take);

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_VERIFY_H_
