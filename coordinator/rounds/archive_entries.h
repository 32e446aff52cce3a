// What archives say in their ledger entries, read with types. Signatures are the sequencer's business.
#ifndef CONSORT_COORDINATOR_ROUNDS_ARCHIVE_ENTRIES_H_
#define CONSORT_COORDINATOR_ROUNDS_ARCHIVE_ENTRIES_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/ledger/entry.h"
#include "coordinator/ledger/sequencer.h"
#include "coordinator/rounds/tradition_results.h"
#include "coordinator/store/store.h"

namespace consort::coordinator {

struct ApprovalFacts {
  std::string job_id;
  std::string job_digest;
  std::string plan_digest;
  bool approves = false;
  std::string reason;
};
struct ContributionFacts {
  std::string job_id;
  std::string round_id;
  std::string participation_id;
  uint32_t round = 0;
  std::string base_digest;
  std::string manifest_digest;
  std::string update_digest;
  uint64_t update_bytes = 0;
  std::string plan_digest;
  uint32_t weight = 0;
  std::string mode;
  std::map<std::string, double> losses;  // by tradition; only under objectives that ask for them
};
struct EvaluationFacts {
  std::string job_id;
  std::string round_id;
  uint32_t round = 0;
  std::string before_digest;
  std::string after_digest;
  std::string measure;
  std::vector<TraditionPairs> scores;
};

// Errors of the three: InvalidArgument naming the member that is missing or has the wrong type, a subject
// that does not say what the predicate says, or an entry of another kind.
absl::StatusOr<ApprovalFacts> ReadApproval(absl::string_view envelope);
absl::StatusOr<ContributionFacts> ReadContribution(absl::string_view envelope);
absl::StatusOr<EvaluationFacts> ReadEvaluation(absl::string_view envelope);

// Appends an archive's entry, or finds it if it is a leaf already, so that a message that comes twice has the
// same outcome. Errors: those of Sequencer::AppendFromArchive but AlreadyExists; PermissionDenied if the
// archive is not enrolled or has been revoked.
absl::StatusOr<Appended> AppendArchiveEntry(Transaction& transaction, Sequencer& sequencer, ledger::Kind kind,
                                            const std::string& archive, absl::string_view envelope);
// The same for an entry that the archive's staff signed with the approval key.
absl::StatusOr<Appended> AppendStaffEntry(Transaction& transaction, Sequencer& sequencer, ledger::Kind kind,
                                          const std::string& archive, absl::string_view envelope);
// The reason code if a failed append is the sender's doing ("bad-signature", "out-of-order", "too-large",
// "bad-entry", "revoked", "against-rules"); empty if it is ours.
absl::string_view SendersFault(const absl::Status& status);
// That code, then what is wrong, as rows and answers keep it.
std::string FaultReason(const absl::Status& status);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_ROUNDS_ARCHIVE_ENTRIES_H_
