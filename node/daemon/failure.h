// Why a task failed, as one of the codes that the coordinator shows to people.
#ifndef CONSORT_NODE_DAEMON_FAILURE_H_
#define CONSORT_NODE_DAEMON_FAILURE_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "consort/v1/session.pb.h"
#include "node/witness/incidents.h"

namespace consort::node {

inline constexpr char kFailurePolicy[] = "policy";
inline constexpr char kFailureLedger[] = "ledger-inconsistent";
inline constexpr char kLedgerIncident[] = "ledger-incident";  // why this archive does not join
inline constexpr char kFailureLedgerUnproved[] = "ledger-head-unproved";
inline constexpr char kFailureNotFinite[] = "not-finite";
inline constexpr char kFailureDamaged[] = "artifact-damaged";
inline constexpr char kFailureDiskFull[] = "disk-full";
inline constexpr char kFailureInternal[] = "internal";

// A status whose message begins with the code, as the trainer's do: "not-finite: ...".
absl::Status FailureStatus(absl::StatusCode status_code, absl::string_view code, absl::string_view detail);

// Errors: FailedPrecondition with kFailureLedger while an incident is open: nothing is signed or contributed.
absl::Status CheckNoIncident(const Incidents& incidents);

// The code that `status` begins with if it is one of the known ones; otherwise disk-full for
// ResourceExhausted, artifact-damaged for DataLoss, and internal.
absl::string_view FailureCodeOf(const absl::Status& status);

// The message for the coordinator. Our own messages never name recordings, so the detail may go.
v1::TaskFailure MakeTaskFailure(absl::string_view id, const absl::Status& status);

}  // namespace consort::node

#endif  // CONSORT_NODE_DAEMON_FAILURE_H_
