// What the coordinator answers to an archive's entry other than a contribution, which has its Verdict.
#ifndef CONSORT_COORDINATOR_ROUNDS_ENTRY_OUTCOME_H_
#define CONSORT_COORDINATOR_ROUNDS_ENTRY_OUTCOME_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "consort/v1/session.pb.h"
#include "coordinator/ledger/sequencer.h"

namespace consort::coordinator {

// Answers the request `request_id` that carried `entry`: a receipt if it is a leaf, `appended` by a
// transaction that has been committed; otherwise why it is none and that its node_seq is free again. An entry
// that cannot be read is named by the request alone.
v1::Envelope OutcomeOf(const Sequencer& sequencer, const std::string& request_id, absl::string_view entry,
                       const absl::StatusOr<Appended>& appended);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_ROUNDS_ENTRY_OUTCOME_H_
