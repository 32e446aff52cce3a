#include "cli/rpc/coordinator_client.h"

#include <utility>

#include "cli/rpc/profile_channel.h"
#include "common/rpc/deadlines.h"
#include "common/rpc/status_mapping.h"
#include "common/status/macros.h"
#include "consort/v1/artifact.grpc.pb.h"
#include "consort/v1/enrolment.grpc.pb.h"
#include "consort/v1/federation.grpc.pb.h"
#include "consort/v1/job.grpc.pb.h"
#include "consort/v1/ledger.grpc.pb.h"

namespace consort::cli {
namespace {

// A whole ledger of a million small entries over a slow line.
constexpr absl::Duration kLedgerReadDeadline = absl::Minutes(30);

template <class Stub, class Request, class Response>
absl::StatusOr<Response> Call(Stub& stub,
                              grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                              const Request& request, absl::Duration limit = kUnaryDeadline) {
  grpc::ClientContext context;
  SetDeadline(context, limit);
  Response response;
  RETURN_IF_ERROR(FromGrpcStatus((stub.*method)(&context, request, &response)));
  return response;
}

}  // namespace

absl::StatusOr<v1::EnrolResponse> Enrol(const Invitation& invitation, const v1::EnrolRequest& request,
                                        const std::string& proxy) {
  ASSIGN_OR_RETURN(auto channel, OpenEnrolmentChannel(invitation, proxy));
  v1::EnrolmentService::Stub stub(channel);
  return Call(stub, &v1::EnrolmentService::Stub::Enrol, request, kEnrolDeadline);
}

struct CoordinatorClient::State {
  explicit State(const std::shared_ptr<grpc::Channel>& channel)
      : federation(channel), jobs(channel), transfers(channel), ledger(channel) {}
  v1::FederationService::Stub federation;
  v1::JobService::Stub jobs;
  v1::TransferService::Stub transfers;
  v1::LedgerService::Stub ledger;
};

CoordinatorClient::CoordinatorClient(std::unique_ptr<State> state) : state_(std::move(state)) {}
CoordinatorClient::~CoordinatorClient() = default;

absl::StatusOr<std::unique_ptr<CoordinatorClient>> CoordinatorClient::Open(
    const std::string& profile_directory, const Profile& profile) {
  ASSIGN_OR_RETURN(auto channel, OpenProfileChannel(profile_directory, profile));
  return std::unique_ptr<CoordinatorClient>(new CoordinatorClient(std::make_unique<State>(channel)));
}

absl::StatusOr<v1::FederationStatus> CoordinatorClient::FederationStatus() {
  return Call(state_->federation, &v1::FederationService::Stub::Status, v1::FederationStatusRequest());
}

absl::StatusOr<v1::CreateInvitationResponse> CoordinatorClient::CreateInvitation(
    const v1::CreateInvitationRequest& request) {
  return Call(state_->federation, &v1::FederationService::Stub::CreateInvitation, request);
}

absl::StatusOr<v1::ListMembersResponse> CoordinatorClient::ListMembers(
    const v1::ListMembersRequest& request) {
  return Call(state_->federation, &v1::FederationService::Stub::ListMembers, request);
}

absl::StatusOr<v1::Member> CoordinatorClient::GetMember(const v1::GetMemberRequest& request) {
  return Call(state_->federation, &v1::FederationService::Stub::GetMember, request);
}

absl::StatusOr<v1::Member> CoordinatorClient::RevokeMember(const v1::RevokeMemberRequest& request) {
  return Call(state_->federation, &v1::FederationService::Stub::RevokeMember, request);
}

absl::StatusOr<v1::SubmitJobResponse> CoordinatorClient::SubmitJob(const v1::SubmitJobRequest& request) {
  return Call(state_->jobs, &v1::JobService::Stub::Submit, request);
}

absl::StatusOr<v1::JobStatus> CoordinatorClient::GetJob(const std::string& job_id) {
  v1::GetJobRequest request;
  request.set_job_id(job_id);
  return Call(state_->jobs, &v1::JobService::Stub::Get, request);
}

absl::StatusOr<v1::ListJobsResponse> CoordinatorClient::ListJobs(const v1::ListJobsRequest& request) {
  return Call(state_->jobs, &v1::JobService::Stub::List, request);
}

absl::StatusOr<v1::JobStatus> CoordinatorClient::ControlJob(const v1::ControlJobRequest& request) {
  return Call(state_->jobs, &v1::JobService::Stub::Control, request);
}

absl::StatusOr<v1::ListModelsResponse> CoordinatorClient::ListModels(const std::string& job_id) {
  v1::ListModelsRequest request;
  request.set_job_id(job_id);
  return Call(state_->jobs, &v1::JobService::Stub::ListModels, request);
}

absl::StatusOr<v1::JobReportResponse> CoordinatorClient::JobReport(const std::string& job_id) {
  v1::JobReportRequest request;
  request.set_job_id(job_id);
  return Call(state_->jobs, &v1::JobService::Stub::Report, request);
}

absl::Status CoordinatorClient::WatchJob(const std::string& job_id, CallCanceller& canceller,
                                         const std::function<void(const v1::JobStatus&)>& take) {
  grpc::ClientContext context;  // no deadline: it ends with the job, the connection or Ctrl-C
  canceller.Bind([&context] { context.TryCancel(); });
  v1::WatchJobRequest request;
  request.set_job_id(job_id);
  auto reader = state_->jobs.Watch(&context, request);
  v1::JobStatus status;
  while (reader->Read(&status)) take(status);
  const grpc::Status end = reader->Finish();
  canceller.Unbind();
  return FromGrpcStatus(end);
}

absl::StatusOr<v1::DeleteArtifactsResponse> CoordinatorClient::CollectGarbage(bool dry_run) {
  v1::DeleteArtifactsRequest request;
  request.set_dry_run(dry_run);
  return Call(state_->transfers, &v1::TransferService::Stub::CollectGarbage, request);
}

absl::StatusOr<v1::GetCheckpointResponse> CoordinatorClient::GetCheckpoint(uint64_t size) {
  v1::GetCheckpointRequest request;
  request.set_size(size);
  return Call(state_->ledger, &v1::LedgerService::Stub::GetCheckpoint, request);
}

absl::StatusOr<v1::ListCheckpointsResponse> CoordinatorClient::ListCheckpoints(uint64_t from_size) {
  v1::ListCheckpointsRequest request;
  request.set_from_size(from_size);
  return Call(state_->ledger, &v1::LedgerService::Stub::ListCheckpoints, request);
}

absl::StatusOr<v1::GetKeysResponse> CoordinatorClient::GetLedgerKeys() {
  return Call(state_->ledger, &v1::LedgerService::Stub::GetKeys, v1::GetKeysRequest());
}

absl::StatusOr<v1::GetProofResponse> CoordinatorClient::GetProof(const v1::GetProofRequest& request) {
  return Call(state_->ledger, &v1::LedgerService::Stub::GetProof, request);
}

absl::StatusOr<v1::ListIncidentsResponse> CoordinatorClient::ListIncidents() {
  return Call(state_->ledger, &v1::LedgerService::Stub::ListIncidents, v1::ListIncidentsRequest());
}

absl::StatusOr<v1::RevokeKeyResponse> CoordinatorClient::RevokeKey(const v1::RevokeKeyRequest& request) {
  return Call(state_->ledger, &v1::LedgerService::Stub::RevokeKey, request);
}

absl::StatusOr<v1::EraseResponse> CoordinatorClient::Erase(const v1::EraseRequest& request) {
  return Call(state_->ledger, &v1::LedgerService::Stub::Erase, request);
}

absl::StatusOr<v1::OpenCommitmentsResponse> CoordinatorClient::OpenCommitments(
    const v1::OpenCommitmentsRequest& request) {
  return Call(state_->ledger, &v1::LedgerService::Stub::OpenCommitments, request);
}

absl::Status CoordinatorClient::ReadEntries(uint64_t start, uint64_t end,
                                            const std::function<absl::Status(const v1::LedgerEntry&)>& take) {
  grpc::ClientContext context;
  SetDeadline(context, kLedgerReadDeadline);
  v1::ReadEntriesRequest request;
  request.set_start(start);
  request.set_end(end);
  auto reader = state_->ledger.ReadEntries(&context, request);
  v1::LedgerEntry entry;
  absl::Status taken;
  while (taken.ok() && reader->Read(&entry)) taken = take(entry);
  if (!taken.ok()) context.TryCancel();
  const grpc::Status finished = reader->Finish();
  return taken.ok() ? FromGrpcStatus(finished) : taken;
}

}  // namespace consort::cli
