// The coordinator's services as plain functions: one call, one answer, every failure an absl::Status. No gRPC
// header here; each unary call ends within kUnaryDeadline (common/rpc/deadlines.h).
#ifndef CONSORT_CLI_RPC_COORDINATOR_CLIENT_H_
#define CONSORT_CLI_RPC_COORDINATOR_CLIENT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/profile.h"
#include "cli/rpc/call_canceller.h"
#include "common/rpc/invitation.h"
#include "consort/v1/artifact.pb.h"
#include "consort/v1/enrolment.pb.h"
#include "consort/v1/federation.pb.h"
#include "consort/v1/job.pb.h"
#include "consort/v1/ledger.pb.h"

namespace consort::cli {

// Sends one enrolment request over a channel that trusts only what the invitation pins. Errors:
// Unauthenticated for an invitation that is unknown, used or expired; those of the transport.
absl::StatusOr<v1::EnrolResponse> Enrol(const Invitation& invitation, const v1::EnrolRequest& request,
                                        const std::string& proxy);

// Thread-safe. Errors of every call: as the method's in proto/, and Unavailable or DeadlineExceeded.
class CoordinatorClient {
 public:
  // Connects lazily. Errors: NotFound if a file of the profile is missing.
  static absl::StatusOr<std::unique_ptr<CoordinatorClient>> Open(const std::string& profile_directory,
                                                                 const Profile& profile);
  ~CoordinatorClient();

  absl::StatusOr<v1::FederationStatus> FederationStatus();
  absl::StatusOr<v1::CreateInvitationResponse> CreateInvitation(const v1::CreateInvitationRequest& request);
  absl::StatusOr<v1::ListMembersResponse> ListMembers(const v1::ListMembersRequest& request);
  absl::StatusOr<v1::Member> GetMember(const v1::GetMemberRequest& request);
  absl::StatusOr<v1::Member> RevokeMember(const v1::RevokeMemberRequest& request);

  absl::StatusOr<v1::SubmitJobResponse> SubmitJob(const v1::SubmitJobRequest& request);
  absl::StatusOr<v1::JobStatus> GetJob(const std::string& job_id);
  absl::StatusOr<v1::ListJobsResponse> ListJobs(const v1::ListJobsRequest& request);
  absl::StatusOr<v1::JobStatus> ControlJob(const v1::ControlJobRequest& request);
  absl::StatusOr<v1::ListModelsResponse> ListModels(const std::string& job_id);
  absl::StatusOr<v1::JobReportResponse> JobReport(const std::string& job_id);
  // Calls `take` with each status until the coordinator ends the stream (OK) or `canceller` does (Cancelled).
  absl::Status WatchJob(const std::string& job_id, CallCanceller& canceller,
                        const std::function<void(const v1::JobStatus&)>& take);

  absl::StatusOr<v1::DeleteArtifactsResponse> CollectGarbage(bool dry_run);

  absl::StatusOr<v1::GetCheckpointResponse> GetCheckpoint(uint64_t size);
  // One page.
  absl::StatusOr<v1::ListCheckpointsResponse> ListCheckpoints(uint64_t from_size);
  absl::StatusOr<v1::GetKeysResponse> GetLedgerKeys();
  absl::StatusOr<v1::GetProofResponse> GetProof(const v1::GetProofRequest& request);
  absl::StatusOr<v1::ListIncidentsResponse> ListIncidents();
  absl::StatusOr<v1::RevokeKeyResponse> RevokeKey(const v1::RevokeKeyRequest& request);
  absl::StatusOr<v1::EraseResponse> Erase(const v1::EraseRequest& request);
  absl::StatusOr<v1::OpenCommitmentsResponse> OpenCommitments(const v1::OpenCommitmentsRequest& request);
  // Entries [start, end) in order; 0 as `end`: all. An error of `take` ends the call and is returned.
  absl::Status ReadEntries(uint64_t start, uint64_t end,
                           const std::function<absl::Status(const v1::LedgerEntry&)>& take);

 private:
  struct State;
  explicit CoordinatorClient(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace consort::cli

#endif  // CONSORT_CLI_RPC_COORDINATOR_CLIENT_H_
