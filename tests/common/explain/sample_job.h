// The ledger of a small job for the report's tests: three archives, two rounds, one tradition that got worse.
#ifndef CONSORT_TESTS_COORDINATOR_EXPLAIN_SAMPLE_JOB_H_
#define CONSORT_TESTS_COORDINATOR_EXPLAIN_SAMPLE_JOB_H_

#include <string>
#include <vector>

#include "common/ledger/entry.h"
#include "common/explain/job_report.h"
#include "nlohmann/json.hpp"

namespace consort::explain::testing {

inline constexpr char kSampleJobId[] = "00112233445566778899aabbccddeeff";
inline constexpr char kSampleFirstRoundId[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
// Every digest of the sample, that of each round's model included.
inline constexpr char kSampleDigest[] = "3f2a5c0de41b7a96c8d0e2f4a6b8cadc0e1f2a3b4c5d6e7f8091a2b3c4d5e6f7";

// Appends entries as a coordinator would; the first leaf index is 7, as if other jobs had come before.
class SampleLedger {
 public:
  // Origin, project and job id are added to `predicate`.
  uint64_t Add(ledger::Kind kind, nlohmann::json predicate);
  const std::vector<ReportEntry>& entries() const { return entries_; }
  // A note of the checkpoint that covers all entries.
  ReportProof Proof() const;

 private:
  std::vector<ReportEntry> entries_;
};

nlohmann::json SampleJob();
// Job, approvals, roster. `changes` are merged into the job's entry.
void AddPlanning(SampleLedger& ledger, const nlohmann::json& changes = nlohmann::json::object());
// Round 1: archive-cn-1's update is refused, archive-cn-2 is lost.
void AddFirstRound(SampleLedger& ledger);
void AddSecondRound(SampleLedger& ledger);
// Verdicts on english-folk, 江南 and 华北; the last has too few recordings for an interval. `personal`: the score of
// own copies at archive-uk-1, a decimal string; empty: it has none.
void AddRelease(SampleLedger& ledger,
                const std::vector<std::string>& verdicts = {"improved", "harmed", "unclear"},
                const std::string& personal = "");

}  // namespace consort::explain::testing

#endif  // CONSORT_TESTS_COORDINATOR_EXPLAIN_SAMPLE_JOB_H_
