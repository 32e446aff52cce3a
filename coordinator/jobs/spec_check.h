// Whether a job spec can run at all: every limit of job.proto, all problems at once.
#ifndef CONSORT_COORDINATOR_JOBS_SPEC_CHECK_H_
#define CONSORT_COORDINATOR_JOBS_SPEC_CHECK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "consort/v1/job.pb.h"

namespace consort::coordinator {

// Largest serialized JobSpec that is looked at; an honest one has some hundred bytes.
inline constexpr size_t kMaxSpecBytes = 8 * 1024;
// Cap of scores one archive sends for one tradition: with it an evaluation fits a ledger entry.
inline constexpr uint32_t kMaxScoresPerTradition = 64;
inline constexpr uint32_t kDefaultScoresPerTradition = 32;

// Every problem of `spec`, one sentence each: the field, what was found, what is expected. Empty: it can run.
std::vector<std::string> ProblemsOf(const v1::JobSpec& spec);

// Parses and checks. Errors: InvalidArgument if the bytes are no JobSpec, or listing all problems.
absl::StatusOr<v1::JobSpec> ParseSpec(absl::string_view bytes);

// The cap in force: the spec's, or the default.
uint32_t ScoresPerTradition(const v1::JobSpec& spec);

// Steps of an archive's own copy in a round; 0 where the job has none.
uint32_t PersonalSteps(const v1::JobSpec& spec);

// Whether the round of this number (from 1) ends with an evaluation; the last one always does.
bool EvaluatesAfter(const v1::JobSpec& spec, uint32_t round);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_JOBS_SPEC_CHECK_H_
