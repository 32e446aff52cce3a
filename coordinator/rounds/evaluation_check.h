// Whether an archive's evaluation is about this round's model and keeps the limits of what may be published.
#ifndef CONSORT_COORDINATOR_ROUNDS_EVALUATION_CHECK_H_
#define CONSORT_COORDINATOR_ROUNDS_EVALUATION_CHECK_H_

#include <string>

#include "absl/status/status.h"
#include "coordinator/rounds/archive_entries.h"
#include "coordinator/rounds/engine_context.h"

namespace consort::coordinator {

// `base_digest`: tensor digest of the job's base model. `plan`: the archive's approved one. Errors:
// InvalidArgument with a code first: wrong-job, wrong-round, wrong-model, wrong-measure, unknown-tradition
// (not in the plan, or named twice), too-many-scores.
absl::Status CheckEvaluation(const JobFacts& facts, const RoundRow& round, const std::string& base_digest,
                             const v1::Plan& plan, const EvaluationFacts& said);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_ROUNDS_EVALUATION_CHECK_H_
