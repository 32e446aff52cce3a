// Reading a round with what belongs to it, for the phases.
#ifndef CONSORT_COORDINATOR_ROUNDS_ROUND_ROWS_H_
#define CONSORT_COORDINATOR_ROUNDS_ROUND_ROWS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "coordinator/rounds/engine_context.h"

namespace consort::coordinator {

// Reads in a transaction of its own. Errors: NotFound; Internal.
absl::Status ReadRound(EngineContext& context, const std::string& round_id, JobRow& job, RoundRow& round,
                       std::vector<ParticipationRow>& participations);

// "round 3, node archive-uk-1": the tail of messages about one archive's part in a round.
std::string Place(const RoundRow& round, const std::string& archive);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_ROUNDS_ROUND_ROWS_H_
