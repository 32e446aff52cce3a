// What the ledger says about one job, gathered from its entries into plain values for the report.
#ifndef CONSORT_COMMON_EXPLAIN_JOB_FACTS_H_
#define CONSORT_COMMON_EXPLAIN_JOB_FACTS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/explain/job_report.h"

namespace consort::explain {

// Sums over the holdout recordings of one tradition in one round: distances, lower is better.
struct ScoreSums {
  int64_t recordings = 0;
  double before = 0;
  double after = 0;
};

struct SupplyFacts {
  std::string tradition;
  int64_t training_recordings = 0;
  int64_t holdout_recordings = 0;
  int64_t training_seconds = 0;
};

// One archive over the whole job.
struct ArchiveFacts {
  bool approved = false;
  std::string reason;  // of its approval entry
  std::string basis;
  std::optional<uint64_t> approval_leaf;
  int64_t weight = 0;  // in the roster
  std::vector<SupplyFacts> supplies;
  int64_t updates_accepted = 0;
  int64_t update_bytes = 0;  // of all its contributions, refused ones included: they left the archive too
  int64_t bytes_sent = 0;    // what its newest evaluation entry states; 0 before the first
  std::string journal_head;
};

struct ReportedContribution {
  uint64_t leaf = 0;
  std::string archive;
  int64_t weight = 0;
  int64_t update_bytes = 0;
  std::string outcome;  // accepted, rejected; empty while undecided
  std::string reason;
};

struct AbsenceFacts {
  std::string archive;
  std::string state;
  std::string reason;
};

struct RoundFacts {
  int64_t number = 0;
  std::string round_id;
  uint64_t open_leaf = 0;
  std::vector<std::pair<std::string, int64_t>> cohort;      // archive, weight
  std::vector<std::pair<std::string, int64_t>> traditions;  // tradition, weight
  std::vector<ReportedContribution> contributions;
  std::optional<uint64_t> aggregation_leaf;
  std::vector<AbsenceFacts> absent;
  int64_t weight_total = 0;
  std::string model_digest;
  std::map<std::string, ScoreSums> scores;  // by tradition
  std::string abandoned_reason;             // empty unless abandoned
};

struct ResultFacts {
  std::string tradition;
  std::string archive;
  int64_t recordings = 0;
  std::string before, after, difference;  // decimal strings, as in the ledger
  std::string low, high;                  // empty without an interval
  std::string verdict;                    // improved, unclear, harmed
  std::string yardstick;                  // decimal string; empty where the family has none
  std::string personal;  // decimal string, of archives' own copies; empty where there is none
};

struct ReleaseFacts {
  uint64_t leaf = 0;
  std::string model_digest;  // of the tensors
  std::string model_artifact;
  std::string level;    // of the intervals, a decimal string
  std::string measure;  // what before and after are; empty in ledgers that do not say: the STFT distance
  std::vector<ResultFacts> results;
  std::vector<std::string> harms;
};

struct ReportedJob {
  std::string job_id, job_digest, name, origin, project, submitted_by;
  std::string name_commitment, submitter_commitment;  // of what `name` and `submitted_by` lack; may be empty
  std::string architecture, method, purpose, strategy, weighting, objective, mode, seed, base_digest;
  int64_t rounds_planned = 0, quorum = 0, local_steps = 0;
  uint64_t job_leaf = 0;
  std::optional<uint64_t> roster_leaf;
  std::map<std::string, ArchiveFacts> archives;
  std::vector<RoundFacts> rounds;  // in order
  std::optional<ReleaseFacts> release;
  std::string ended_outcome;  // failed, cancelled; empty otherwise
  std::string ended_reason;
  std::optional<uint64_t> ended_leaf;
  std::vector<uint64_t> leaves;  // the entries of this job, in order, without claims that have no effect
};

// Errors: as RenderJobReport.
absl::StatusOr<ReportedJob> GatherJobFacts(absl::string_view job_id, absl::Span<const ReportEntry> entries);

}  // namespace consort::explain

#endif  // CONSORT_COMMON_EXPLAIN_JOB_FACTS_H_
