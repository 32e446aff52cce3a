// The closing report of one job: a pure function from the ledger's entries to one self-contained HTML page in
// English and Chinese. It fetches nothing, runs no script, and every text from the ledger is escaped.
//
// What stands on the page is recomputable from the entries it is given, and says with which leaf it is
// proved. A job that has not ended, or that failed, has a report too: it says so and shows what there is.
#ifndef CONSORT_COMMON_EXPLAIN_JOB_REPORT_H_
#define CONSORT_COMMON_EXPLAIN_JOB_REPORT_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace consort::explain {

// One leaf of the ledger.
struct ReportEntry {
  uint64_t index = 0;
  std::string envelope;  // the leaf's bytes
};

// Where the proof is. Empty members are left out of the page.
struct ReportProof {
  std::string checkpoint;       // newest sealed checkpoint, the signed note byte for byte
  std::string log_vkey;         // the key that signs checkpoints
  uint64_t witnessed_size = 0;  // of the newest witnessed checkpoint; 0: none
  // What opens commitments of the entries, by their hex digits: the text that they stand for; nothing for one
  // that was erased. Of others the page shows the commitment.
  std::map<std::string, std::optional<std::string>> openings;
};

// Renders the report of `job_id`. `entries`: leaves in order; those of other jobs and of kinds that the
// report does not use are skipped, so that a caller may pass the whole ledger. Signatures are not checked
// here: the coordinator checked them when it appended, and whoever doubts it runs `consort ledger verify`.
// Errors: NotFound if no `job` entry of `job_id` is among the entries; DataLoss if an entry is not readable
// or a member that docs/formats/ledger.md requires is missing, naming leaf and member. Thread-safe.
absl::StatusOr<std::string> RenderJobReport(absl::string_view job_id, absl::Span<const ReportEntry> entries,
                                            const ReportProof& proof);

}  // namespace consort::explain

#endif  // CONSORT_COMMON_EXPLAIN_JOB_REPORT_H_
