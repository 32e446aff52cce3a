// The models that a job started from and produced.
#ifndef CONSORT_COORDINATOR_JOBS_MODEL_RECORDS_H_
#define CONSORT_COORDINATOR_JOBS_MODEL_RECORDS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/artifact/artifact_store.h"
#include "consort/v1/job.pb.h"
#include "coordinator/jobs/job_rows.h"

namespace consort::coordinator {

// What of a job's contributions was withdrawn: leaf of the contribution, for each leaf that was.
using WithdrawnLeaves = std::map<uint64_t, uint64_t>;  // to the leaf of the withdrawal

// One record for the base model (no job id, round 0) and one for each round that was aggregated, oldest
// first. `harms` are the traditions that the round's results call harmed. `base_tensor_digest` may be empty
// if unknown. A model that holds a contribution which was withdrawn since is marked
// "withdrawn-contribution: leaf N".
std::vector<v1::ModelRecord> ModelRecordsOf(
    const JobRows& rows, const std::string& base_tensor_digest,
    const std::vector<std::vector<v1::TraditionResult>>& results_of_shown, const ArtifactStore& artifacts,
    const WithdrawnLeaves& withdrawn);

// Traditions whose verdict is harmed, each once, in the order of the results.
std::vector<std::string> HarmsOf(const std::vector<v1::TraditionResult>& results);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_JOBS_MODEL_RECORDS_H_
