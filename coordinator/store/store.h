// The one interface to what the coordinator must not forget: its state and the ledger, in one database, so
// that a transition and the entry that records it are one commit. SqliteStore implements it; PostgreSQL can
// later.
//
// Owned by the control executor: every call is made there, so one connection and no lock.
#ifndef CONSORT_COORDINATOR_STORE_STORE_H_
#define CONSORT_COORDINATOR_STORE_STORE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "coordinator/store/rows.h"

namespace consort::coordinator {

// Reads and writes of one transaction. Put inserts or replaces by primary key. Rows of a job or round that
// does not exist are refused at the commit. Errors of every call: Internal with the database's reason,
// ResourceExhausted for a full disk, DataLoss for a damaged database; of reads by key: NotFound; of Put and
// the inserts: AlreadyExists where another row holds a unique value.
class Transaction {
 public:
  virtual ~Transaction() = default;

  virtual absl::Status Put(const InvitationRow& row) = 0;
  virtual absl::StatusOr<InvitationRow> GetInvitation(absl::string_view token_sha256) = 0;

  virtual absl::Status Put(const MemberRow& row) = 0;
  virtual absl::StatusOr<MemberRow> GetMember(v1::Role role, absl::string_view name) = 0;
  virtual absl::StatusOr<std::vector<MemberRow>> ListMembers() = 0;

  virtual absl::Status Put(const JobRow& row) = 0;
  virtual absl::StatusOr<JobRow> GetJob(absl::string_view job_id) = 0;
  virtual absl::StatusOr<JobRow> GetJobByToken(absl::string_view token) = 0;
  virtual absl::StatusOr<std::vector<JobRow>> ListJobs() = 0;  // oldest first

  virtual absl::Status Put(const OfferRow& row) = 0;
  virtual absl::StatusOr<std::vector<OfferRow>> ListOffers(absl::string_view job_id) = 0;  // by archive

  virtual absl::Status Put(const RoundRow& row) = 0;
  virtual absl::StatusOr<RoundRow> GetRound(absl::string_view round_id) = 0;
  virtual absl::StatusOr<std::vector<RoundRow>> ListRounds(absl::string_view job_id) = 0;  // by number

  virtual absl::Status Put(const ParticipationRow& row) = 0;
  virtual absl::StatusOr<ParticipationRow> GetParticipation(absl::string_view participation_id) = 0;
  virtual absl::StatusOr<std::vector<ParticipationRow>> ListParticipations(
      absl::string_view round_id) = 0;  // by archive

  virtual absl::Status Put(const EvaluationRow& row) = 0;
  virtual absl::StatusOr<std::vector<EvaluationRow>> ListEvaluations(
      absl::string_view round_id) = 0;  // by archive

  // The ledger. InsertLeaf refuses any index but the head's size (FailedPrecondition), and moves the head by
  // compare-and-swap.
  virtual absl::StatusOr<uint64_t> LedgerSize() = 0;
  virtual absl::Status InsertLeaf(const LeafRow& leaf) = 0;
  virtual absl::StatusOr<LeafRow> GetLeaf(uint64_t index) = 0;
  virtual absl::StatusOr<std::optional<LeafRow>> FindLeafByPayload(absl::string_view payload_digest) = 0;
  virtual absl::Status ReadLeaves(uint64_t start, uint64_t end,
                                  const std::function<absl::Status(const LeafRow&)>& take) = 0;
  // Highest node_seq of a signer; 0 if it has none.
  virtual absl::StatusOr<int64_t> LastNodeSeq(absl::string_view signer) = 0;
  // Hashes of complete subtrees (32 bytes each).
  virtual absl::Status PutSubtree(int level, uint64_t n, absl::string_view hash) = 0;
  virtual absl::StatusOr<std::string> GetSubtree(int level, uint64_t n) = 0;
  virtual absl::Status InsertCheckpoint(
      const CheckpointRow& row) = 0;  // AlreadyExists for a size that has one
  virtual absl::StatusOr<std::optional<CheckpointRow>> LatestCheckpoint() = 0;
  virtual absl::StatusOr<CheckpointRow> GetCheckpoint(uint64_t size) = 0;
  // By size, from `from_size` on, at most `limit`.
  virtual absl::StatusOr<std::vector<CheckpointRow>> ListCheckpoints(uint64_t from_size, uint64_t limit) = 0;

  // Cosignatures and witnessed checkpoints; both need their checkpoint. AlreadyExists where a witness has
  // signed that size, or the size is witnessed: the first one stays.
  virtual absl::Status InsertCosignature(const CosignatureRow& row) = 0;
  virtual absl::StatusOr<std::vector<CosignatureRow>> ListCosignatures(uint64_t size) = 0;  // by key
  // The one of the largest size of every witness, by key.
  virtual absl::StatusOr<std::vector<CosignatureRow>> NewestCosignatures() = 0;
  virtual absl::Status InsertWitnessed(const WitnessedRow& row) = 0;
  virtual absl::StatusOr<std::optional<WitnessedRow>> LatestWitnessed() = 0;

  virtual absl::Status Put(const OpeningRow& row) = 0;
  virtual absl::StatusOr<OpeningRow> GetOpening(absl::string_view commitment) = 0;

  virtual absl::Status Put(const IncidentRow& row) = 0;
  virtual absl::StatusOr<std::vector<IncidentRow>> ListIncidents() = 0;  // oldest first

  // Small settings fixed at init: federation, project, schema facts.
  virtual absl::Status PutSetting(absl::string_view name, absl::string_view value) = 0;
  virtual absl::StatusOr<std::string> GetSetting(absl::string_view name) = 0;

  // Runs `work`; if it fails, undoes what it did and returns its error, and the transaction goes on. Errors:
  // those of `work`; Internal, after which the transaction fails as a whole.
  virtual absl::Status Nested(const std::function<absl::Status()>& work) = 0;
  // For memory that follows the rows: calls `over` once, when what was done so far is kept (true: the
  // transaction is committed) or undone (false: it or the Nested around this call has failed). Those of one
  // transaction are called in the order of their calls if kept, in the opposite order if undone. `over` makes
  // no call to the store.
  virtual void WhenOver(std::function<void(bool kept)> over) = 0;
};

class Store {
 public:
  virtual ~Store() = default;

  // Runs `work` in one transaction: committed durably before this returns OK, rolled back if `work` or the
  // commit fails. Errors: those of `work`; ResourceExhausted for a full disk; Internal. A commit whose
  // durability is unknown (a failed sync) ends the process.
  virtual absl::Status Transact(const std::function<absl::Status(Transaction&)>& work) = 0;

  // Removes every trace of values that committed transactions have overwritten from the store's files; after
  // an erasure. Errors: Unavailable if another process reads the database just then; as Transact.
  virtual absl::Status ForgetOverwritten() = 0;

  // Copies the whole database, consistently, to a new file. Errors: AlreadyExists, Internal.
  virtual absl::Status Backup(const std::string& path) = 0;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_STORE_STORE_H_
