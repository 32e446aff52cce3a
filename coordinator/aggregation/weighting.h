// What each archive's update counts in the average, as integers that round-open states.
#ifndef CONSORT_COORDINATOR_AGGREGATION_WEIGHTING_H_
#define CONSORT_COORDINATOR_AGGREGATION_WEIGHTING_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "consort/v1/job.pb.h"
#include "coordinator/aggregation/objective.h"

namespace consort::coordinator {

struct ArchiveSupplies {
  std::string archive;
  std::vector<v1::TraditionSupply> supplies;  // of its approved plan; at least one
};

struct CohortWeights {
  std::vector<uint32_t> archives;  // in the order given, each in [1, max_weight]
  // Of each archive, its weight shared out among its supplies, in their order: at least 1 each, so that the
  // sum can be a little more than the archive's weight. In these proportions it draws what it trains on.
  std::vector<std::vector<uint64_t>> shares;
  std::map<std::string, uint64_t> traditions;  // the sums of shares
};

// EXAMPLES: usable training seconds, capped by `max_weight`. ARCHIVE: `max_weight` for each. TRADITION: every
// tradition the same in total, shared by seconds among its archives, and scaled so that the heaviest archive
// has `max_weight`. `factors`, if there are any, multiply the shares of such a cohort (under EXAMPLES those
// of the capped seconds), and the heaviest archive has `max_weight`. An archive never weighs 0. Within an
// archive its weight is shared among its traditions in the same proportions, by largest remainders. Pure: the
// same offers give the same weights. Errors: InvalidArgument for no archive, an archive without supplies,
// max_weight 0, or an unspecified weighting.
absl::StatusOr<CohortWeights> WeighCohort(v1::Weighting weighting, absl::Span<const ArchiveSupplies> cohort,
                                          uint32_t max_weight, const ObjectiveFactors& factors = {});

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_AGGREGATION_WEIGHTING_H_
