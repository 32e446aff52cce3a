// This archive as witness: nothing is cosigned that was not checked, and nothing that is not on the disk.
#ifndef CONSORT_NODE_WITNESS_WITNESS_H_
#define CONSORT_NODE_WITNESS_WITNESS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/crypto/signing_key.h"
#include "common/ledger/follower.h"
#include "common/ledger/witness_protocol.h"
#include "node/state/folder_lock.h"
#include "node/witness/entry_source.h"
#include "node/witness/incidents.h"
#include "node/witness/mirror.h"
#include "node/witness/receipts.h"
#include "node/witness/revocations.h"

namespace consort::node {

// What the rest of the daemon knows of the ledger.
struct WitnessFacts {
  uint64_t mirror_size = 0;
  uint64_t witness_size = 0;
  std::string witness_note;                         // the checkpoint that was cosigned last; empty: none
  std::string newest_receipt;                       // empty: none
  std::vector<VerifierKey> log_keys;                // in force
  std::vector<VerifierKey> every_log_key;           // also those of old checkpoints
  std::vector<VerifierKey> coordinator_entry_keys;  // not revoked
  std::string entry_keyid;                 // of this archive's entry key in force; empty: not enrolled
  std::vector<VerifierKey> approval_keys;  // of this archive, in force
  std::vector<VerifierKey> own_keys;       // every one that the ledger has named as this archive's
  std::string blocked;                     // why nothing can be stored; empty: all is well
};

// Does one thing after another: that is the compare-and-swap of tlog-witness. Owned by one executor; a lock
// on the folder keeps a second daemon off. A sync that fails ends the process, since what is on the disk is
// then unknown; the next start reads it.
class Witness {
 public:
  // A receipt must be honoured within so much time of an open session: the log seals within seconds.
  static constexpr absl::Duration kReceiptWithin = absl::Hours(1);

  struct Parts {
    std::string directory;          // <state>/ledger
    std::string entries_directory;  // <state>/entries: what EntrySigner has signed, by node_seq
    std::string archive;
    ledger::Follower::Trust trust;               // pinned at enrolment
    std::vector<const SigningKey*> mirror_keys;  // every one there is; the one in force signs
    EntrySource& source;
    Incidents& incidents;
    std::function<absl::Time()> now;  // the wall clock
  };
  struct Answer {
    int status = 0;  // 200, 400, 403, 404, 409 or 422 as tlog-witness; 503: not now, ask again
    std::string body;
    uint64_t size = 0;  // of the checkpoint that was asked about; 0 if it cannot be read
  };

  // Reads the whole mirror: seconds for a ledger of years. One that is damaged is put aside and fetched anew.
  // Errors: DataLoss for a damaged witness state or receipt: to be restored, never deleted;
  // FailedPrecondition if another daemon has the folder; the disk's.
  static absl::StatusOr<std::unique_ptr<Witness>> Open(Parts parts);

  // Judges an add-checkpoint request in the protocol's order (ledger::JudgeAddCheckpoint), then what a mirror
  // can judge beyond it: the roots of every size that it holds, and each new entry. State and mirror are
  // stored and synced before the cosignature is made. Whatever was refused, both are as they were.
  Answer OnRequest(absl::string_view body);

  // A checkpoint that the session has proved: it must be the same history. May carry cosignatures.
  void OnHead(absl::string_view note);
  // An entry of ours was accepted and this is the receipt, empty if none came: that is an incident, as is one
  // that does not fit the entry.
  void OnReceipt(absl::string_view entry, const std::string& receipt);
  // The session was open, and nothing kept us from storing, for so long again.
  void OnConnected(absl::Duration duration);
  // A key-revoke entry, before its leaf: the key counts no longer from here on. Errors: InvalidArgument,
  // Unauthenticated; PermissionDenied if the signer may not revoke that key; the disk's, and it counts no
  // longer all the same until the process ends.
  absl::Status OnRevocation(const std::string& envelope);
  // A person has decided that the log goes on as it is. Receipts that it does not honour stay with their
  // incidents and are no longer shown to the coordinator; `restored`: also those beyond the mirror, and
  // heads.
  void OnDecided(bool restored);

  WitnessFacts Facts() const;

 private:
  Witness(Parts parts, FolderLock lock, Receipts receipts, Revocations revocations)
      : parts_(std::move(parts)),
        lock_(std::move(lock)),
        receipts_(std::move(receipts)),
        revocations_(std::move(revocations)) {}
  absl::Status Load();
  absl::Status LoadMirror();
  absl::Status LoadState();
  absl::Status PutMirrorAside(const absl::Status& why);
  absl::Status LoadHeads();

  std::vector<VerifierKey> LogKeysAt(uint64_t size) const;
  std::vector<VerifierKey> EveryLogKey() const;
  std::vector<VerifierKey> CoordinatorEntryKeys() const;
  const SigningKey* CosigningKeyAt(uint64_t size) const;
  std::string Path(absl::string_view name) const;

  Answer NotNow(const absl::Status& why, uint64_t size);
  void Raise(absl::string_view kind, absl::string_view detail, const Evidence& evidence);
  void RaiseFork(const ledger::Checkpoint& theirs, absl::string_view note, absl::string_view detail,
                 absl::string_view ours = "");
  bool ContradictsWhatWasSeen(const ledger::Checkpoint& asked, absl::string_view note);
  Answer Accept(const ledger::WitnessState& next);
  Answer ExplainFetch(const absl::Status& fetched, uint64_t size);
  Answer Undo(Answer answer);
  Answer AfterFailedStore(const absl::Status& stored, uint64_t size);
  absl::Status LookAt(uint64_t index, absl::string_view envelope);
  bool EntriesGive(const ledger::WitnessState& next);
  void CheckReceipts();
  absl::Status Store(const ledger::WitnessState& next);
  Answer Cosign(uint64_t size);
  void Settle();

  Parts parts_;
  FolderLock lock_;
  Receipts receipts_;
  Revocations revocations_;
  std::unique_ptr<Mirror> mirror_;
  ledger::WitnessState state_;
  // Proved heads that the mirror does not reach yet, by size: root and note.
  std::map<uint64_t, std::pair<Digest, std::string>> heads_;
  std::string blocked_;
};

}  // namespace consort::node

#endif  // CONSORT_NODE_WITNESS_WITNESS_H_
