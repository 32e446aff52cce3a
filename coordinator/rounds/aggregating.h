// Folds a round's accepted updates into the next state of the model, off the executor.
#ifndef CONSORT_COORDINATOR_ROUNDS_AGGREGATING_H_
#define CONSORT_COORDINATOR_ROUNDS_AGGREGATING_H_

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/aggregation/aggregate.h"
#include "coordinator/rounds/engine_context.h"

namespace consort::coordinator {

class Aggregating {
 public:
  explicit Aggregating(EngineContext& context) : context_(context) {}

  // Aggregating, not yet done: folds the acknowledged spools in roster order. Also at a restart: what an
  // interrupted fold left behind is removed and the fold done again, to the same bits.
  absl::Status Begin(const JobRow& job, const RoundRow& round);

 private:
  // `contributions`: the leaves that were folded.
  absl::Status Finish(const std::string& round_id, const AggregateResult& folded,
                      const std::set<int64_t>& contributions);

  EngineContext& context_;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_ROUNDS_AGGREGATING_H_
