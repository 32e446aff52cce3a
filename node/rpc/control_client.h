// What staff and doctor ask of a running daemon over the local control socket.
#ifndef CONSORT_NODE_RPC_CONTROL_CLIENT_H_
#define CONSORT_NODE_RPC_CONTROL_CLIENT_H_

#include <string>

#include "absl/status/statusor.h"
#include "consort/v1/control.pb.h"

namespace consort::node {

// Errors: Unavailable when no daemon listens there or it lets us not in; DeadlineExceeded.
absl::StatusOr<v1::NodeStatus> AskNodeStatus(const std::string& socket_path);

// Errors: also those of Daemon::ResolveIncident.
absl::Status ResolveNodeIncident(const std::string& socket_path, const v1::ResolveIncidentRequest& request);
// Waits for the coordinator's outcome. Errors: also those of StaffEntries::Submit.
absl::StatusOr<v1::EntryOutcome> SubmitStaffEntry(const std::string& socket_path,
                                                  const std::string& envelope);

}  // namespace consort::node

#endif  // CONSORT_NODE_RPC_CONTROL_CLIENT_H_
