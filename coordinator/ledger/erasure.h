// Erasing what the law asks to erase: the leaf stays, and with it every proof; what it stands for is gone.
#ifndef CONSORT_COORDINATOR_LEDGER_ERASURE_H_
#define CONSORT_COORDINATOR_LEDGER_ERASURE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "coordinator/ledger/sequencer.h"
#include "coordinator/store/store.h"

namespace consort::coordinator {

struct Erased {
  uint64_t leaf_index = 0;  // of the erasure entry; 0: no entry ever held the commitment, so none was made
  bool now = false;         // false: it was erased before
};
// Deletes value and salt of a commitment of ours and appends an `erasure` entry, in one transaction; when it
// returns, the database's files hold neither of them any more. Backups made before still do: whoever erases
// deletes them. A call that failed with Unavailable may be repeated. On the control executor, outside
// transactions. Errors: InvalidArgument for a commitment that is not 64 hex digits, or another `ground` than
// gdpr-17, pipl-47, contract and other; NotFound for a commitment that is not ours; FailedPrecondition while
// its job waits for its own entry; Unavailable if another process reads the database just now; as AppendOwn.
absl::StatusOr<Erased> Erase(Store& store, Sequencer& sequencer, absl::string_view commitment,
                             absl::string_view ground);

inline constexpr size_t kMaxOpenings = 256;  // a page of a report asks for a few
// What opens those of `commitments` that are ours, in their order. Errors: InvalidArgument past kMaxOpenings;
// those of the store.
absl::StatusOr<std::vector<OpeningRow>> OpenCommitments(Store& store,
                                                        const std::vector<std::string>& commitments);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_LEDGER_ERASURE_H_
