// The coordinator's own salted commitments: facts that a leaf names without saying them, because the law may
// ask to erase them. Value and salt lie in the database alone. docs/decisions/0016-erasure.md.
#ifndef CONSORT_COORDINATOR_LEDGER_COMMITMENTS_H_
#define CONSORT_COORDINATOR_LEDGER_COMMITMENTS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "coordinator/store/store.h"

namespace consort::coordinator {

inline constexpr char kErasedText[] = "(erased)";

// Draws a salt, stores what opens the commitment and returns its 64 hex digits. Errors: InvalidArgument if
// `text` is not UTF-8; those of the store.
absl::StatusOr<std::string> CommitToText(Transaction& transaction, absl::string_view text);

// The text that a commitment of ours stands for; nothing if it was erased. Errors: NotFound for a commitment
// that is not ours; DataLoss if the stored value is none; those of the store.
absl::StatusOr<std::optional<std::string>> CommittedText(Transaction& transaction,
                                                         absl::string_view commitment);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_LEDGER_COMMITMENTS_H_
