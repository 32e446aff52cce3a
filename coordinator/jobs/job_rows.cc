#include "coordinator/jobs/job_rows.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "coordinator/ledger/commitments.h"
#include "nlohmann/json.hpp"

namespace consort::coordinator {
namespace {

// `written`: what jobs of before commitments have in its place.
absl::StatusOr<std::string> Shown(Transaction& transaction, const std::string& commitment,
                                  const std::string& written) {
  if (commitment.empty()) return written;
  ASSIGN_OR_RETURN(const std::optional<std::string> text, CommittedText(transaction, commitment));
  return text.value_or(kErasedText);
}

}  // namespace

absl::StatusOr<JobRows> ReadJobRows(Transaction& transaction, absl::string_view job_id, size_t newest) {
  JobRows rows;
  ASSIGN_OR_RETURN(rows.job, transaction.GetJob(job_id));
  if (!rows.spec.ParseFromString(rows.job.spec)) {
    return absl::DataLossError(
        absl::StrCat("the stored spec of a job cannot be read; restore a backup (job ", job_id, ")"));
  }
  ASSIGN_OR_RETURN(rows.name, Shown(transaction, rows.job.name_commitment, rows.spec.name()));
  ASSIGN_OR_RETURN(rows.submitted_by,
                   Shown(transaction, rows.job.submitter_commitment, rows.job.submitted_by));
  ASSIGN_OR_RETURN(rows.offers, transaction.ListOffers(job_id));
  ASSIGN_OR_RETURN(rows.rounds, transaction.ListRounds(job_id));
  const size_t first = rows.rounds.size() - std::min(newest, rows.rounds.size());
  for (size_t i = first; i < rows.rounds.size(); ++i) {
    RoundRows round;
    round.round = rows.rounds[i];
    ASSIGN_OR_RETURN(round.participations, transaction.ListParticipations(round.round.round_id));
    ASSIGN_OR_RETURN(round.evaluations, transaction.ListEvaluations(round.round.round_id));
    rows.shown.push_back(std::move(round));
  }
  ASSIGN_OR_RETURN(rows.standing, ReadStanding(transaction));
  return rows;
}

absl::StatusOr<std::string> PackManifests(const std::vector<std::string>& manifests) {
  try {
    return nlohmann::json(manifests).dump();
  } catch (const nlohmann::json::exception& problem) {
    return absl::InternalError(absl::StrCat("a manifest is not UTF-8: ", problem.what()));
  }
}

absl::StatusOr<std::vector<std::string>> UnpackManifests(absl::string_view packed) {
  try {
    return nlohmann::json::parse(packed.begin(), packed.end()).get<std::vector<std::string>>();
  } catch (const nlohmann::json::exception& problem) {
    return absl::DataLossError(
        absl::StrCat("the stored manifests of a job cannot be read; restore a backup: ", problem.what()));
  }
}

}  // namespace consort::coordinator
