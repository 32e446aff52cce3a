// Asks the coordinator to enrol this archive.
#ifndef CONSORT_NODE_RPC_ENROLMENT_CLIENT_H_
#define CONSORT_NODE_RPC_ENROLMENT_CLIENT_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/rpc/invitation.h"
#include "consort/v1/enrolment.pb.h"

namespace consort::node {

// One call on a channel that trusts the invitation's authority only. Errors: Unavailable with what to check;
// Unauthenticated for a used or expired invitation; as EnrolmentService.Enrol.
absl::StatusOr<v1::EnrolResponse> Enrol(const Invitation& invitation, const v1::EnrolRequest& request,
                                        const std::string& proxy);

}  // namespace consort::node

#endif  // CONSORT_NODE_RPC_ENROLMENT_CLIENT_H_
