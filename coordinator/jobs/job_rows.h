// A job with everything that hangs on it, read in one transaction.
#ifndef CONSORT_COORDINATOR_JOBS_JOB_ROWS_H_
#define CONSORT_COORDINATOR_JOBS_JOB_ROWS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "coordinator/ledger/standing.h"
#include "coordinator/store/store.h"

namespace consort::coordinator {

struct RoundRows {
  RoundRow round;
  std::vector<ParticipationRow> participations;  // by archive
  std::vector<EvaluationRow> evaluations;        // by archive
};
struct JobRows {
  JobRow job;
  v1::JobSpec spec;
  std::string name;              // as people see them: erased ones as kErasedText
  std::string submitted_by;      // SPIFFE id
  std::vector<OfferRow> offers;  // by archive
  std::vector<RoundRow> rounds;  // all, by number
  std::vector<RoundRows> shown;  // the newest `newest` of them, with what hangs on them
  LedgerStanding standing;       // of the whole ledger, at the moment of the reading
};

// Errors: NotFound for an unknown job; DataLoss if the stored spec cannot be read; Internal.
absl::StatusOr<JobRows> ReadJobRows(Transaction& transaction, absl::string_view job_id, size_t newest);

// Canonical manifests as a row keeps them: a JSON list of strings. Errors: Internal for invalid UTF-8 in a
// manifest.
absl::StatusOr<std::string> PackManifests(const std::vector<std::string>& manifests);
// Errors: DataLoss.
absl::StatusOr<std::vector<std::string>> UnpackManifests(absl::string_view packed);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_JOBS_JOB_ROWS_H_
