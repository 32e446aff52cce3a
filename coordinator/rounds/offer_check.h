// Whether an archive's answer to an offer is about the job that was offered, and what it means for the offer.
#ifndef CONSORT_COORDINATOR_ROUNDS_OFFER_CHECK_H_
#define CONSORT_COORDINATOR_ROUNDS_OFFER_CHECK_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "coordinator/rounds/engine_context.h"

namespace consort::coordinator {

// The offer of a job to an archive; nothing if there is none. Errors: Internal.
absl::StatusOr<std::optional<OfferRow>> FindOffer(Transaction& transaction, const std::string& job_id,
                                                  const std::string& archive);

// Moves `offer` (its archive and approval_index are set) by `answer`: to approved or awaiting-approval with
// the plan, or to refused with the archive's reason. An answer whose plan or approval is not about this job
// is a refusal too, with the reason "plan-mismatch" or "approval-mismatch" and what differs.
void ApplyAnswer(const JobFacts& facts, const v1::OfferAnswer& answer, OfferRow& offer);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_ROUNDS_OFFER_CHECK_H_
