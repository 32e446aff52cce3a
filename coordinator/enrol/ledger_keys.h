// The public keys that have ever signed for this ledger, as its own leaves name them. Replaced and revoked
// ones stay: what they signed before stays valid.
#ifndef CONSORT_COORDINATOR_ENROL_LEDGER_KEYS_H_
#define CONSORT_COORDINATOR_ENROL_LEDGER_KEYS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/crypto/signing_key.h"
#include "common/ledger/key_book.h"
#include "coordinator/store/store.h"

namespace consort::coordinator {

// For the time before a Sequencer is opened, which needs the keys that this finds; it knows the same then
// (rules().keys()). Reads every leaf and opens those that name keys. They are taken as they are: they were
// judged when they were appended, and are again when the Sequencer is opened. Errors: DataLoss for one that
// cannot be read; those of the store.
absl::StatusOr<ledger::KeyBook> ReadKeyBook(Transaction& transaction);

struct LedgerKeys {
  std::vector<std::string> log_vkeys;      // in the order of their leaves, as are the others
  std::vector<std::string> entry_vkeys;    // the coordinator's first; with archives' approval keys
  std::vector<std::string> witness_vkeys;  // archives' mirror keys
};
LedgerKeys LedgerKeysOf(const ledger::KeyBook& book);

// Errors: InvalidArgument if a leaf has named one of those public keys before, under whatever name.
absl::Status CheckKeysAreNew(const ledger::KeyBook& book, absl::Span<const VerifierKey> keys);

// C2SP tlog-policy text: the log, the witnesses, and no quorum while nobody cosigns.
std::string PolicyText(absl::string_view log_vkey, const std::vector<std::string>& witness_vkeys);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_ENROL_LEDGER_KEYS_H_
