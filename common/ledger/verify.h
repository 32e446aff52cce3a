// Checks an exported ledger offline and says what failed first.
#ifndef CONSORT_COMMON_LEDGER_VERIFY_H_
#define CONSORT_COMMON_LEDGER_VERIFY_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/ledger/entry.h"

namespace consort::ledger {

struct VerifyOptions {
  std::string directory;
  // Trusted log keys; empty: those in keys/log.vkey, which proves only that the export agrees with itself.
  // Keys that follow a trusted one by the ledger's own key-rotate entries are trusted for sizes that cover
  // those, and none for sizes that cover its key-revoke.
  std::vector<std::string> log_vkeys;
  std::vector<std::string> entry_vkeys;       // empty: keys/entries.vkeys
  std::vector<std::string> kept_checkpoints;  // older notes that must be prefixes
  // A kept note whose entries were checked before: their signatures are not checked again. Empty: none.
  std::string since;
  // A policy (C2SP tlog-policy) that the newest checkpoint must meet. Empty: how far the export meets its own
  // keys/policy is said, and nothing asked.
  std::string policy;
  // Cosignatures more than 300 s ahead of `now` do not count; by default nothing is asked of clocks. The
  // newest that counts must not be older than `max_age`, which needs a `now`.
  absl::Time now = absl::InfiniteFuture();
  absl::Duration max_age = absl::InfiniteDuration();
  int threads = 1;         // to read and check entries with; the report does not depend on it
  bool signatures = true;  // false: the tree and the notes alone; entries are hashed, not read
};
struct Check {
  // In this order "checkpoint", "entries", "root", "tiles", "signatures", "replay", "rules", "consistency",
  // "origin", "policy", "quorum", "clock". Without signatures there is no "signatures", "replay", "rules",
  // "policy".
  std::string id;
  bool passed = false;
  std::string detail;  // the first bad index and the reason, or what was counted
};
struct VerifyReport {
  std::vector<Check> checks;
  std::string origin;
  uint64_t size = 0;
  std::string root;             // hex
  uint64_t witnessed_size = 0;  // of the largest checkpoint there that meets the policy; 0: none
  bool passed() const;
};
// Runs every check it can; the first thing that is wrong is named in each. Needs no network and no clock. A
// million entries take some 300 MB. Errors: NotFound if there is no ledger in the directory; InvalidArgument
// for bad options (keys, policy, a malformed `since`, a `max_age` without `now`). A ledger that fails a check
// is not an error: the report says so.
absl::StatusOr<VerifyReport> VerifyExport(const VerifyOptions& options);

// Reads the entries of an export in order, for explanations. Errors: as the files; those of `take`.
absl::Status ReadExportEntries(
    const std::string& directory,
    const std::function<absl::Status(uint64_t index, absl::string_view envelope)>& take);

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_VERIFY_H_
