// A proof file made from a ledger in a folder, without its coordinator.
#ifndef CONSORT_CLI_LEDGER_AUDIT_MAKE_PROOF_H_
#define CONSORT_CLI_LEDGER_AUDIT_MAKE_PROOF_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "common/ledger/cosigned_state.h"

namespace consort::cli {

struct MadeProof {
  std::string file;                                        // C2SP tlog-proof
  std::string entry;                                       // the leaf's bytes
  ledger::EntryState state = ledger::EntryState::kSealed;  // by the folder's own policy
};
// The proof of the entry at `index` under the folder's checkpoint of `size` entries (0: its newest), with the
// cosignatures of one smallest quorum of the folder's policy. Nothing is trusted and little is checked: that
// is for whoever reads the proof. Errors: NotFound without a ledger, or that checkpoint; InvalidArgument for
// an index past it or a policy that cannot be read; DataLoss if the entries do not give the checkpoint's
// root.
absl::StatusOr<MadeProof> MakeProof(const std::string& directory, uint64_t index, uint64_t size);

}  // namespace consort::cli

#endif  // CONSORT_CLI_LEDGER_AUDIT_MAKE_PROOF_H_
