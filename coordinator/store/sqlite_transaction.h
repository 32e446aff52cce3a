// Transaction on a SQLite connection. Made by SqliteStore for the length of one Transact.
#ifndef CONSORT_COORDINATOR_STORE_SQLITE_TRANSACTION_H_
#define CONSORT_COORDINATOR_STORE_SQLITE_TRANSACTION_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "coordinator/store/sqlite_database.h"
#include "coordinator/store/store.h"

namespace consort::coordinator {

// State rows are in sqlite_transaction_state.cc, the ledger's in sqlite_transaction_ledger.cc, those of
// witnesses in sqlite_transaction_witness.cc. Not thread-safe.
class SqliteTransaction : public Transaction {
 public:
  explicit SqliteTransaction(SqliteDatabase& database) : database_(database) {}  // borrowed

  absl::Status Put(const InvitationRow& row) override;
  absl::StatusOr<InvitationRow> GetInvitation(absl::string_view token_sha256) override;
  absl::Status Put(const MemberRow& row) override;
  absl::StatusOr<MemberRow> GetMember(v1::Role role, absl::string_view name) override;
  absl::StatusOr<std::vector<MemberRow>> ListMembers() override;
  absl::Status Put(const JobRow& row) override;
  absl::StatusOr<JobRow> GetJob(absl::string_view job_id) override;
  absl::StatusOr<JobRow> GetJobByToken(absl::string_view token) override;
  absl::StatusOr<std::vector<JobRow>> ListJobs() override;
  absl::Status Put(const OfferRow& row) override;
  absl::StatusOr<std::vector<OfferRow>> ListOffers(absl::string_view job_id) override;
  absl::Status Put(const RoundRow& row) override;
  absl::StatusOr<RoundRow> GetRound(absl::string_view round_id) override;
  absl::StatusOr<std::vector<RoundRow>> ListRounds(absl::string_view job_id) override;
  absl::Status Put(const ParticipationRow& row) override;
  absl::StatusOr<ParticipationRow> GetParticipation(absl::string_view participation_id) override;
  absl::StatusOr<std::vector<ParticipationRow>> ListParticipations(absl::string_view round_id) override;
  absl::Status Put(const EvaluationRow& row) override;
  absl::StatusOr<std::vector<EvaluationRow>> ListEvaluations(absl::string_view round_id) override;

  absl::StatusOr<uint64_t> LedgerSize() override;
  absl::Status InsertLeaf(const LeafRow& leaf) override;
  absl::StatusOr<LeafRow> GetLeaf(uint64_t index) override;
  absl::StatusOr<std::optional<LeafRow>> FindLeafByPayload(absl::string_view payload_digest) override;
  absl::Status ReadLeaves(uint64_t start, uint64_t end,
                          const std::function<absl::Status(const LeafRow&)>& take) override;
  absl::StatusOr<int64_t> LastNodeSeq(absl::string_view signer) override;
  absl::Status PutSubtree(int level, uint64_t n, absl::string_view hash) override;
  absl::StatusOr<std::string> GetSubtree(int level, uint64_t n) override;
  absl::Status InsertCheckpoint(const CheckpointRow& row) override;
  absl::StatusOr<std::optional<CheckpointRow>> LatestCheckpoint() override;
  absl::StatusOr<CheckpointRow> GetCheckpoint(uint64_t size) override;
  absl::StatusOr<std::vector<CheckpointRow>> ListCheckpoints(uint64_t from_size, uint64_t limit) override;
  absl::Status InsertCosignature(const CosignatureRow& row) override;
  absl::StatusOr<std::vector<CosignatureRow>> ListCosignatures(uint64_t size) override;
  absl::StatusOr<std::vector<CosignatureRow>> NewestCosignatures() override;
  absl::Status InsertWitnessed(const WitnessedRow& row) override;
  absl::StatusOr<std::optional<WitnessedRow>> LatestWitnessed() override;
  absl::Status Put(const OpeningRow& row) override;
  absl::StatusOr<OpeningRow> GetOpening(absl::string_view commitment) override;
  absl::Status Put(const IncidentRow& row) override;
  absl::StatusOr<std::vector<IncidentRow>> ListIncidents() override;

  absl::Status PutSetting(absl::string_view name, absl::string_view value) override;
  absl::StatusOr<std::string> GetSetting(absl::string_view name) override;

  absl::Status Nested(const std::function<absl::Status()>& work) override;
  void WhenOver(std::function<void(bool kept)> over) override { over_.push_back(std::move(over)); }

  // Calls those who asked to know, from the call numbered `from` on (0: all), and forgets them.
  void TellOver(size_t from, bool kept);

 private:
  SqliteDatabase& database_;
  std::vector<std::function<void(bool)>> over_;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_STORE_SQLITE_TRANSACTION_H_
