// The ledger as this node has seen it: every signed checkpoint that it proved to extend the ones before.
#ifndef CONSORT_NODE_DAEMON_HEAD_KEEPER_H_
#define CONSORT_NODE_DAEMON_HEAD_KEEPER_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/crypto/digest.h"
#include "common/crypto/signing_key.h"
#include "common/ledger/checkpoint.h"
#include "consort/v1/session.pb.h"
#include "node/witness/incidents.h"

namespace consort::node {

// Keeps the notes in a folder, one file a size. A note is replaced by the same text with more signatures and
// by nothing else. Not thread-safe: owned by the daemon's executor.
class HeadKeeper {
 public:
  struct Parts {
    std::string directory;  // <state>/ledger
    std::string origin;
    std::vector<VerifierKey> log_keys;  // every one that the log is known to have had: old notes open too
    Incidents& incidents;
    std::function<absl::Time()> now;
  };
  // Creates the folder if missing. Errors: DataLoss if the stored checkpoint does not open under a log key;
  // the disk's.
  static absl::StatusOr<HeadKeeper> Open(Parts parts);

  // From here on a checkpoint must have a signature of one of these.
  void SetLogKeys(std::vector<VerifierKey> log_keys) { parts_.log_keys = std::move(log_keys); }

  // Called with each note that was accepted. Set once.
  void Observe(std::function<void(const std::string& note)> accepted) { accepted_ = std::move(accepted); }

  // Checks signature, origin and that the checkpoint extends the newest one kept (RFC 9162 2.1.4.2), stores
  // and syncs it, and returns it. An older checkpoint is good if it is one of those kept; signatures that it
  // brings are kept with it. Errors: InvalidArgument, Unauthenticated: not a checkpoint of this log.
  // FailedPrecondition: the proof does not start at our newest checkpoint, so nothing is proved either way.
  // DataLoss: proved to be another history; an incident has both notes. ResourceExhausted, Internal: the
  // disk.
  absl::StatusOr<ledger::Checkpoint> Accept(const v1::LedgerHead& head);

  // A person has accepted that the log was restored: `note`, the one that was cosigned last, is the newest
  // again (empty: none), and larger ones are put aside in `set-aside/`. Errors: InvalidArgument for a note
  // that does not read; the disk's, and then it can be called again.
  absl::Status SetBack(const std::string& note);

  // The newest, size 0 with the empty root before the first.
  const ledger::Checkpoint& newest() const { return newest_; }
  const std::string& newest_note() const { return newest_note_; }

 private:
  explicit HeadKeeper(Parts parts);
  absl::Status CheckOlder(const ledger::Checkpoint& checkpoint, absl::string_view note);
  absl::Status CheckNewer(const ledger::Checkpoint& checkpoint, const v1::LedgerHead& head) const;
  absl::Status Inconsistent(absl::string_view problem, absl::string_view theirs,
                            absl::string_view ours) const;
  absl::Status KeepSignatures(uint64_t size, absl::string_view kept, absl::string_view note);
  std::string PathOf(uint64_t size) const;

  Parts parts_;
  std::function<void(const std::string& note)> accepted_;
  ledger::Checkpoint newest_;
  std::string newest_note_;
};

// The hashes of a proof as they came in a message. Errors: InvalidArgument for a wrong length.
absl::StatusOr<std::vector<Digest>> ProofOf(const google::protobuf::RepeatedPtrField<std::string>& hashes);

}  // namespace consort::node

#endif  // CONSORT_NODE_DAEMON_HEAD_KEEPER_H_
