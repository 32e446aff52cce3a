// The public keys that have ever signed entries of this ledger, in the order in which they were enrolled.
// Revoked ones stay: what they signed before stays valid.
#ifndef CONSORT_COORDINATOR_ENROL_LEDGER_KEYS_H_
#define CONSORT_COORDINATOR_ENROL_LEDGER_KEYS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "coordinator/store/store.h"

namespace consort::coordinator {

struct LedgerKeys {
  std::vector<std::string> entry_vkeys;    // the coordinator's first
  std::vector<std::string> witness_vkeys;  // archives' mirror keys
};

absl::StatusOr<LedgerKeys> ReadLedgerKeys(Transaction& transaction);
// `witness_vkey` may be empty. Errors: InvalidArgument if the entry key is enrolled already under any name.
absl::Status AddLedgerKeys(Transaction& transaction, absl::string_view entry_vkey,
                           absl::string_view witness_vkey);

// C2SP tlog-policy text: the log, the witnesses, and no quorum while nobody cosigns.
std::string PolicyText(absl::string_view log_vkey, const std::vector<std::string>& witness_vkeys);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_ENROL_LEDGER_KEYS_H_
