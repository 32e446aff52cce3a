// One contribution beside the rows it is about, and the comparisons that need nothing else.
#ifndef CONSORT_COORDINATOR_ROUNDS_CONTRIBUTION_CASE_H_
#define CONSORT_COORDINATOR_ROUNDS_CONTRIBUTION_CASE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "coordinator/rounds/contributions.h"

namespace consort::coordinator {

struct Contributions::Case {
  std::string archive;  // who sent it, by its certificate
  v1::Envelope envelope;
  ParticipationRow participation;
  RoundRow round;
  JobRow job;
  std::shared_ptr<const JobFacts> facts;

  // Whether the round still takes it.
  bool open() const;
  // Why it does not: "late", "lost", "stalled", "cancelled", ... with the object.
  std::string ClosedReason() const;
};

// Compares what a contribution says with what round-open said. Errors: InvalidArgument with a code first:
// wrong-round, wrong-job, wrong-participation, wrong-base, wrong-manifest, wrong-plan, wrong-mode,
// wrong-length, weight-above-granted.
absl::Status CompareClaims(const Contributions::Case& one, const ContributionFacts& said,
                           const std::string& plan_digest);

// What is wrong with a payload that passed its own check, beside its entry: "digest-mismatch: ..." or
// "weight-mismatch: ..."; empty if nothing.
std::string PayloadProblem(const ContributionFacts& said, const std::string& digest, uint32_t weight);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_ROUNDS_CONTRIBUTION_CASE_H_
