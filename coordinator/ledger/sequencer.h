// Gives ledger entries their index, seals checkpoints and makes proofs. Owned by the control executor.
#ifndef CONSORT_COORDINATOR_LEDGER_SEQUENCER_H_
#define CONSORT_COORDINATOR_LEDGER_SEQUENCER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/signing_key.h"
#include "common/ledger/entry.h"
#include "common/sync/executor.h"
#include "coordinator/ledger/live_rules.h"
#include "coordinator/store/store.h"
#include "nlohmann/json_fwd.hpp"

namespace consort::coordinator {

struct LedgerIdentity {
  std::string federation;
  std::string project;
  std::string origin;  // ledger.<federation>/<project>
};

// A receipt's facts for one appended entry.
struct Appended {
  uint64_t index = 0;
  std::string leaf_hash;  // 32 bytes
};

class Sequencer {
 public:
  // Checks on opening that the stored leaves give the last checkpoint's root and follow from each other;
  // FailedPrecondition "ledger-damaged" if not. Keys and executor are borrowed and outlive this.
  static absl::StatusOr<std::unique_ptr<Sequencer>> Open(Store& store, const LedgerIdentity& identity,
                                                         const SigningKey& log_key,
                                                         const SigningKey& entry_key, Executor& executor);

  const LedgerIdentity& identity() const;
  const SigningKey& entry_key() const;
  const SigningKey& log_key() const;
  // Signs checkpoints with this key as well, wherever the ledger says that it is in force. Borrowed.
  void AlsoSignWith(const SigningKey& log_key);

  // Keys, policies and tree as they stand after the committed entries.
  const LiveRules& rules() const;
  // The highest node_seq of an archive's series, under whatever of its keys; 0: none.
  absl::StatusOr<int64_t> LastNodeSeq(Transaction& transaction, absl::string_view archive) const;

  // kSigning: no checkpoint is signed; kEverything: no entry is appended either. `reason`: a code and what it
  // is about.
  enum class Hold { kNone, kSigning, kEverything };
  void SetHold(Hold hold, std::string reason);
  Hold hold() const;
  const std::string& hold_reason() const;

  // Appends an entry of our own, in the caller's transaction; `predicate` gets origin and project added.
  // Errors: those of SealEntry; those of the rules with "against-rules" first; Unavailable (on hold).
  absl::StatusOr<Appended> AppendOwn(Transaction& transaction, ledger::Kind kind,
                                     const std::vector<ledger::Subject>& subjects, nlohmann::json predicate);

  // Appends an archive's entry after checking: canonical, signed by `signer` alone, of `kind`, our origin and
  // project, archive name as enrolled, node_seq the next one, prev_head a checkpoint that we signed, and that
  // it keeps the rules of state (an error says "against-rules" first). After an error the ledger is unchanged
  // and its node_seq free. Errors:
  // InvalidArgument, Unauthenticated, FailedPrecondition (node_seq, prev_head), AlreadyExists (the same
  // payload is a leaf already; its index is in the message's tail after "index "), ResourceExhausted (size),
  // Unavailable (on hold).
  absl::StatusOr<Appended> AppendFromArchive(Transaction& transaction, ledger::Kind kind,
                                             absl::string_view archive, const VerifierKey& signer,
                                             absl::string_view envelope);

  // The same for an entry that the archive's staff signed: `signer` is its approval key, and it has no
  // node_seq.
  absl::StatusOr<Appended> AppendFromStaff(Transaction& transaction, ledger::Kind kind,
                                           absl::string_view archive, const VerifierKey& signer,
                                           absl::string_view envelope);

  // Errors of both: InvalidArgument for an index or sizes that do not fit; OutOfRange past the durable size;
  // DataLoss. Hashes of 32 bytes each. Not within a transaction.
  absl::StatusOr<std::vector<std::string>> InclusionProof(uint64_t index, uint64_t size);
  absl::StatusOr<std::vector<std::string>> ConsistencyProof(uint64_t old_size, uint64_t new_size);

  // The receipt for an entry, signed by the entry key.
  absl::StatusOr<std::string> Receipt(const Appended& appended) const;

  // Signs a checkpoint over all durable leaves and stores it before returning it; returns the newest if
  // nothing is new. Errors: Internal; DataLoss if the stored bytes do not give the stored hashes;
  // FailedPrecondition with the hold's reason while one lasts, or if none of our log keys is in force.
  absl::StatusOr<CheckpointRow> Seal();
  // Seals within `delay` of the first entry after the last seal, for as long as this lives. A failure is told
  // to `OnSealFailure` and tried again after `delay`. A hold is no failure: sealing goes on when it ends.
  void SealEvery(absl::Duration delay);
  void OnSealFailure(std::function<void(const absl::Status&)> callback);

  // Calls `sealed` after each new checkpoint is durable, outside transactions.
  void OnSealed(std::function<void(const CheckpointRow&)> sealed);
  // Calls `appended` for each entry once it is durable, from work of its own on the executor.
  void OnAppended(std::function<void(ledger::Kind kind, uint64_t index)> appended);

  ~Sequencer();

 private:
  struct State;
  explicit Sequencer(std::unique_ptr<State> state);
  void ArmSealing();
  absl::StatusOr<Appended> Append(Transaction& transaction, LeafRow leaf, const ledger::OpenedEntry& entry);
  absl::StatusOr<std::string> SignNote(uint64_t size, const Digest& root) const;
  std::unique_ptr<State> state_;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_LEDGER_SEQUENCER_H_
