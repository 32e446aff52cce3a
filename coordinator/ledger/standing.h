// How far the ledger is sealed and witnessed, and what that says of an entry.
#ifndef CONSORT_COORDINATOR_LEDGER_STANDING_H_
#define CONSORT_COORDINATOR_LEDGER_STANDING_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "consort/v1/ledger.pb.h"
#include "coordinator/store/store.h"

namespace consort::coordinator {

struct LedgerStanding {
  uint64_t sealed_size = 0;
  uint64_t witnessed_size = 0;
  int64_t witnessed_unix_seconds = 0;
};
// Errors: those of the store.
absl::StatusOr<LedgerStanding> ReadStanding(Transaction& transaction);

// Of the stored leaf at `index`; UNSPECIFIED for a negative one, which stands for no leaf.
v1::EntryState StateOfLeaf(int64_t index, const LedgerStanding& standing);

// The checkpoint's note with every cosignature that is stored. Errors: those of the store; DataLoss for rows
// that are no note.
absl::StatusOr<std::string> CosignedNote(Transaction& transaction, const CheckpointRow& checkpoint);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_LEDGER_STANDING_H_
