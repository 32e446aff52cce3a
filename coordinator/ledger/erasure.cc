#include "coordinator/ledger/erasure.h"

#include <algorithm>
#include <array>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/crypto/random.h"
#include "common/ledger/commitment.h"
#include "common/ledger/entry.h"
#include "common/status/macros.h"
#include "nlohmann/json.hpp"

namespace consort::coordinator {
namespace {

constexpr std::array<absl::string_view, 4> kGrounds = {"gdpr-17", "pipl-47", "contract", "other"};
constexpr size_t kIdBytes = 16;

absl::Status CheckGround(absl::string_view ground) {
  if (std::find(kGrounds.begin(), kGrounds.end(), ground) != kGrounds.end()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("ground of an erasure must be gdpr-17, pipl-47, contract or other: found '", ground, "'"));
}

bool HasEnded(const JobRow& job) {
  return job.state == v1::JOB_STATE_COMPLETED || job.state == v1::JOB_STATE_FAILED ||
         job.state == v1::JOB_STATE_CANCELLED;
}

// The leaf that holds the commitment; nothing if there is none and never will be.
absl::StatusOr<std::optional<uint64_t>> LeafWith(Transaction& transaction, absl::string_view commitment) {
  ASSIGN_OR_RETURN(const std::vector<JobRow> jobs, transaction.ListJobs());
  for (const JobRow& job : jobs) {
    if (job.name_commitment != commitment && job.submitter_commitment != commitment) continue;
    if (job.job_index >= 0) return std::optional<uint64_t>(static_cast<uint64_t>(job.job_index));
    if (HasEnded(job)) return std::optional<uint64_t>();
    return absl::FailedPreconditionError(absl::StrCat(
        "job is being prepared and has no entry yet; wait or cancel it, then erase (job ", job.job_id, ")"));
  }
  return absl::NotFoundError(absl::StrCat("no job of ours has made this commitment: ", commitment));
}

// The erasure entry of a commitment that stands at `leaf`.
absl::StatusOr<uint64_t> ErasureAfter(Transaction& transaction, uint64_t leaf, absl::string_view commitment) {
  ASSIGN_OR_RETURN(const uint64_t size, transaction.LedgerSize());
  std::optional<uint64_t> found;
  RETURN_IF_ERROR(transaction.ReadLeaves(leaf + 1, size, [&](const LeafRow& row) -> absl::Status {
    if (row.kind != ledger::KindName(ledger::Kind::kErasure)) return absl::OkStatus();
    ASSIGN_OR_RETURN(const ledger::Statement statement, ledger::ReadEntry(row.body));
    if (statement.subjects.front().sha256 == commitment) found = row.index;
    return absl::OkStatus();
  }));
  if (found.has_value()) return *found;
  return absl::DataLossError(absl::StrCat(
      "ledger-damaged: commitment is erased and no entry says so; restore a backup: ", commitment));
}

absl::StatusOr<Erased> EraseIn(Transaction& transaction, Sequencer& sequencer, const std::string& commitment,
                               absl::string_view ground) {
  const absl::StatusOr<OpeningRow> opening = transaction.GetOpening(commitment);
  if (absl::IsNotFound(opening.status())) {
    return absl::NotFoundError(absl::StrCat(
        "no such commitment of the coordinator; an archive's is its staff's to erase: ", commitment));
  }
  RETURN_IF_ERROR(opening.status());
  ASSIGN_OR_RETURN(const std::optional<uint64_t> leaf, LeafWith(transaction, commitment));
  if (opening->erased) {
    if (!leaf.has_value()) return Erased{0, false};
    ASSIGN_OR_RETURN(const uint64_t index, ErasureAfter(transaction, *leaf, commitment));
    return Erased{index, false};
  }
  OpeningRow erased;
  erased.commitment = commitment;
  erased.salt = std::string(ledger::kSaltBytes, '\0');
  erased.erased = true;
  RETURN_IF_ERROR(transaction.Put(erased));
  if (!leaf.has_value()) return Erased{0, true};
  ASSIGN_OR_RETURN(const Appended entry,
                   sequencer.AppendOwn(transaction, ledger::Kind::kErasure, {{"commitment", commitment}},
                                       {{"erasure_id", HexEncode(RandomBytes(kIdBytes))},
                                        {"commitment", commitment},
                                        {"leaf", *leaf},
                                        {"ground", std::string(ground)},
                                        {"erased", "value-and-salt"}}));
  return Erased{entry.index, true};
}

}  // namespace

absl::StatusOr<Erased> Erase(Store& store, Sequencer& sequencer, absl::string_view commitment,
                             absl::string_view ground) {
  RETURN_IF_ERROR(DigestFromHex(commitment).status());
  RETURN_IF_ERROR(CheckGround(ground));
  Erased erased;
  RETURN_IF_ERROR(store.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(erased, EraseIn(transaction, sequencer, std::string(commitment), ground));
    return absl::OkStatus();
  }));
  // Also where it was erased before: that call may have ended here.
  RETURN_IF_ERROR(store.ForgetOverwritten());
  return erased;
}

absl::StatusOr<std::vector<OpeningRow>> OpenCommitments(Store& store,
                                                        const std::vector<std::string>& commitments) {
  if (commitments.size() > kMaxOpenings) {
    return absl::InvalidArgumentError(
        absl::StrCat("at most ", kMaxOpenings, " commitments at once; found ", commitments.size()));
  }
  std::vector<OpeningRow> openings;
  RETURN_IF_ERROR(store.Transact([&](Transaction& transaction) -> absl::Status {
    for (const std::string& commitment : commitments) {
      absl::StatusOr<OpeningRow> row = transaction.GetOpening(commitment);
      if (absl::IsNotFound(row.status())) continue;
      RETURN_IF_ERROR(row.status());
      openings.push_back(*std::move(row));
    }
    return absl::OkStatus();
  }));
  return openings;
}

}  // namespace consort::coordinator
