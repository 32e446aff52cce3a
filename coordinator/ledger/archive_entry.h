// What an entry signed by an archive must keep to become a leaf.
#ifndef CONSORT_COORDINATOR_LEDGER_ARCHIVE_ENTRY_H_
#define CONSORT_COORDINATOR_LEDGER_ARCHIVE_ENTRY_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/signing_key.h"
#include "common/ledger/entry.h"
#include "coordinator/store/store.h"

namespace consort::coordinator {

struct LedgerIdentity;

// What the checks read from the entry.
struct ArchiveEntry {
  ledger::OpenedEntry opened;
  std::string round_id;  // empty where the kind has none
  int64_t node_seq = 0;
  uint64_t head_size = 0;  // of prev_head
};

// Who speaks, and what the ledger has of its series.
struct ArchiveSeries {
  absl::string_view archive;
  const VerifierKey& signer;
  int64_t last_node_seq = 0;
};

// Checks form and origin, then place: that the payload is new, that node_seq is the next one and that
// prev_head is a checkpoint that we signed, no smaller than the archive's last one. Errors: as
// Sequencer::AppendFromArchive.
absl::StatusOr<ArchiveEntry> CheckArchiveEntry(Transaction& transaction, const LedgerIdentity& identity,
                                               ledger::Kind kind, const ArchiveSeries& series,
                                               absl::string_view envelope);

// Checks form and origin of an entry of the archive's staff, and that the payload is new. Errors: as
// Sequencer::AppendFromStaff.
absl::StatusOr<ledger::OpenedEntry> CheckStaffEntry(Transaction& transaction, const LedgerIdentity& identity,
                                                    ledger::Kind kind, absl::string_view archive,
                                                    const VerifierKey& signer, absl::string_view envelope);

// Remembers what the archive's newest entry named as prev_head, in the transaction that appends it.
absl::Status RecordHead(Transaction& transaction, absl::string_view archive, uint64_t size);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_LEDGER_ARCHIVE_ENTRY_H_
