// The losses that archives told in a job's rounds so far, as their contributions in the ledger state them.
#ifndef CONSORT_COORDINATOR_ROUNDS_LOSS_HISTORY_H_
#define CONSORT_COORDINATOR_ROUNDS_LOSS_HISTORY_H_

#include <string>

#include "absl/status/statusor.h"
#include "coordinator/aggregation/objective.h"
#include "coordinator/store/store.h"

namespace consort::coordinator {

// Rounds in order, each with the accepted contributions that told losses. Empty for objectives that ask for
// none. Errors: those of the store; DataLoss for a leaf that cannot be read.
absl::StatusOr<LossHistory> ReadLossHistory(Transaction& transaction, const std::string& job_id,
                                            v1::Objective objective);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_ROUNDS_LOSS_HISTORY_H_
