// The ledger as this node has seen it: every signed checkpoint that it proved to extend the ones before.
#ifndef CONSORT_NODE_DAEMON_HEAD_KEEPER_H_
#define CONSORT_NODE_DAEMON_HEAD_KEEPER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/digest.h"
#include "common/crypto/signing_key.h"
#include "common/ledger/checkpoint.h"
#include "consort/v1/session.pb.h"

namespace consort::node {

// Keeps the notes in a folder, one file a size. Nothing is ever overwritten with another root. Not
// thread-safe: owned by the daemon's executor.
class HeadKeeper {
 public:
  // Creates `directory` if missing. `log_key` is the one from enrolment. Errors: DataLoss if the stored
  // checkpoint does not open under it; the disk's.
  static absl::StatusOr<HeadKeeper> Open(const std::string& directory, absl::string_view origin,
                                         const VerifierKey& log_key);

  // Checks signature, origin and that the checkpoint extends the newest one kept (RFC 9162 2.1.4.2), stores
  // and syncs it, and returns it. An older checkpoint is good if it is one of those kept. Errors:
  // InvalidArgument, Unauthenticated: not a checkpoint of this log. FailedPrecondition: the proof does not
  // start at our newest checkpoint, so nothing is proved either way. DataLoss: proved to be another history;
  // the note is evidence and has been written to `incidents/`. ResourceExhausted, Internal: the disk.
  absl::StatusOr<ledger::Checkpoint> Accept(const v1::LedgerHead& head);

  // The newest, size 0 with the empty root before the first.
  const ledger::Checkpoint& newest() const { return newest_; }
  const std::string& newest_note() const { return newest_note_; }

 private:
  HeadKeeper(std::string directory, std::string origin, VerifierKey log_key);
  absl::Status CheckOlder(const ledger::Checkpoint& checkpoint, absl::string_view note) const;
  absl::Status CheckNewer(const ledger::Checkpoint& checkpoint, const v1::LedgerHead& head) const;
  absl::Status Inconsistent(absl::string_view problem, absl::string_view note) const;

  std::string directory_;
  std::string origin_;
  VerifierKey log_key_;
  ledger::Checkpoint newest_;
  std::string newest_note_;
};

// The hashes of a proof as they came in a message. Errors: InvalidArgument for a wrong length.
absl::StatusOr<std::vector<Digest>> ProofOf(const google::protobuf::RepeatedPtrField<std::string>& hashes);

}  // namespace consort::node

#endif  // CONSORT_NODE_DAEMON_HEAD_KEEPER_H_
