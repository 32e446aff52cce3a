// C2SP tlog-proof: one file that proves offline that an entry stands in a ledger and that witnesses have seen
// it.
#ifndef CONSORT_COMMON_LEDGER_TLOG_PROOF_H_
#define CONSORT_COMMON_LEDGER_TLOG_PROOF_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/digest.h"
#include "common/ledger/cosigned_state.h"
#include "common/ledger/merkle_tree.h"
#include "common/ledger/policy.h"

namespace consort::ledger {

// A file: at 2^20 leaves and three cosignatures it is below 2 KiB; each further one adds some 150 bytes.
inline constexpr size_t kMaxTlogProofBytes = 64 * 1024;

struct TlogProof {
  std::string extra;  // opaque and not protected; empty: no such line
  uint64_t index = 0;
  std::vector<Digest> hashes;  // RFC 6962 2.1.1, from the leaf's sibling up
  std::string note;
};
std::string FormatTlogProof(const TlogProof& proof);
// Errors: InvalidArgument unless FormatTlogProof would spell it so and the note is a well-formed checkpoint.
absl::StatusOr<TlogProof> ParseTlogProof(absl::string_view file);

// Makes the file for the leaf at `index` under a checkpoint. `subtree`: of the stored tree. The note is first
// cut down as QuorumNote does. Errors: InvalidArgument for an index past the checkpoint or a malformed note;
// those of `subtree`.
absl::StatusOr<std::string> MakeTlogProof(uint64_t index, absl::string_view note, const Policy& policy,
                                          const SubtreeHash& subtree);

// The note with the log's lines and the cosignatures of one smallest quorum only: what a reader needs and no
// more. A note that reaches no quorum keeps the policy's witnesses that it has. Lines of keys that the policy
// does not name go. Errors: InvalidArgument for a malformed note.
absl::StatusOr<std::string> QuorumNote(absl::string_view note, const Policy& policy);

struct CheckedTlogProof {
  uint64_t index = 0;
  JudgedCheckpoint checkpoint;  // whether a quorum has seen it, is the caller's to ask (CheckWitnessed)
};
// Checks that `entry` stands where the file says, under a checkpoint that the policy's log has signed; no
// network. Errors: InvalidArgument for the file's form or an index past the tree; Unauthenticated as
// OpenCheckpoint; DataLoss if the entry is not the one that stands there.
absl::StatusOr<CheckedTlogProof> CheckTlogProof(absl::string_view file, absl::string_view entry,
                                                const Policy& policy, const ClockRule& clock);

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_TLOG_PROOF_H_
