// What the daemon knows of the ledger and signs into it, opened in the order in which one rests on the other.
#ifndef CONSORT_NODE_APP_ARCHIVE_LEDGER_H_
#define CONSORT_NODE_APP_ARCHIVE_LEDGER_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "common/crypto/signing_key.h"
#include "node/app/node_config.h"
#include "node/daemon/entry_signer.h"
#include "node/daemon/head_keeper.h"
#include "node/daemon/parts.h"
#include "node/daemon/round_open_check.h"
#include "node/witness/entry_source.h"
#include "node/witness/incidents.h"
#include "node/witness/witness.h"

namespace consort::node {

// The archive's private keys of the daemon: all files there are, as rotation leaves them.
struct ArchiveKeys {
  std::vector<SigningKey> entries;
  std::vector<SigningKey> mirror;
};
// Errors: NotFound without a first key of each; as KeySource::Load.
absl::StatusOr<ArchiveKeys> LoadArchiveKeys(const NodeConfig& config);

// The signers borrow the keys: this stays where it is.
struct ArchiveLedger {
  LedgerTrust trust;
  ArchiveKeys keys;
  OwnKeys own_keys;  // borrows `keys`
  std::unique_ptr<Incidents> incidents;
  std::unique_ptr<Witness> witness;
  std::unique_ptr<HeadKeeper> heads;
  std::unique_ptr<EntrySigner> signer;
};
// Reads the whole mirror: seconds for a ledger of years. `source` is borrowed. Errors: InvalidArgument for
// the pinned keys; as Witness, HeadKeeper and EntrySigner.
absl::StatusOr<std::unique_ptr<ArchiveLedger>> OpenArchiveLedger(const NodeConfig& config,
                                                                 EntrySource& source);

// What was pinned at enrolment. Errors: InvalidArgument.
absl::StatusOr<LedgerTrust> PinnedTrust(const NodeConfig& config);

}  // namespace consort::node

#endif  // CONSORT_NODE_APP_ARCHIVE_LEDGER_H_
