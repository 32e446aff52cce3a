// Which recordings of a collection a job gets, and what of that may be told outside: counts, seconds, codes.
#ifndef CONSORT_NODE_TRAINER_ENGINE_SUPPLY_H_
#define CONSORT_NODE_TRAINER_ENGINE_SUPPLY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "consort/v1/job.pb.h"
#include "node/trainer/collection/collection.h"

namespace consort::trainer {

// The recordings of one split whose tradition the job asks for (all, if it names none) and whose use the
// policy allows now. Pointers into `collection`, in its order.
std::vector<const Recording*> SelectRecordings(const Collection& collection, const v1::JobSpec& spec,
                                               Split split);

// Counts and whole seconds by tradition, in name order. Either list may be empty.
std::vector<v1::TraditionSupply> SuppliesOf(const std::vector<const Recording*>& training,
                                            const std::vector<const Recording*>& holdout);

// Usable seconds as a plan states them: whole ones, rounded down by tradition.
uint64_t TrainingSeconds(const std::vector<const Recording*>& training);

// "code: count" for each code, in code order.
std::vector<std::string> CountProblems(const std::vector<Problem>& problems);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_ENGINE_SUPPLY_H_
