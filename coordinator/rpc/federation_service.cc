#include "coordinator/rpc/federation_service.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/rpc/member_id.h"
#include "common/status/macros.h"
#include "consort/v1/federation.grpc.pb.h"
#include "coordinator/ledger/standing.h"
#include "coordinator/rpc/on_executor.h"

namespace consort::coordinator {
namespace {

class FederationServiceImpl final : public v1::FederationService::CallbackService {
 public:
  explicit FederationServiceImpl(FederationParts parts) : parts_(std::move(parts)) {}

 private:
  using Context = grpc::CallbackServerContext;

  grpc::ServerUnaryReactor* Status(Context* context, const v1::FederationStatusRequest*,
                                   v1::FederationStatus* response) override {
    return OnExecutor(context, parts_.executor, [this, response] { return FillStatus(*response); });
  }

  grpc::ServerUnaryReactor* CreateInvitation(Context* context, const v1::CreateInvitationRequest* request,
                                             v1::CreateInvitationResponse* response) override {
    return OnExecutor(context, parts_.executor, [this, request, response]() -> absl::Status {
      ASSIGN_OR_RETURN(
          const Enrolment::Created created,
          parts_.enrolment.CreateInvitation(request->role(), request->name(), request->valid_hours()));
      response->set_invitation(created.line);
      response->set_expires_unix_seconds(created.expires_unix_seconds);
      return absl::OkStatus();
    });
  }

  grpc::ServerUnaryReactor* ListMembers(Context* context, const v1::ListMembersRequest* request,
                                        v1::ListMembersResponse* response) override {
    return OnExecutor(context, parts_.executor, [this, request, response]() -> absl::Status {
      ASSIGN_OR_RETURN(const std::vector<MemberRow> rows, parts_.enrolment.ListMembers());
      for (const MemberRow& row : rows) {
        if (request->role() == v1::ROLE_UNSPECIFIED || request->role() == row.role) {
          *response->add_members() = Describe(row);
        }
      }
      return absl::OkStatus();
    });
  }

  grpc::ServerUnaryReactor* GetMember(Context* context, const v1::GetMemberRequest* request,
                                      v1::Member* response) override {
    return OnExecutor(context, parts_.executor, [this, request, response]() -> absl::Status {
      ASSIGN_OR_RETURN(const MemberRow row, parts_.enrolment.GetMember(request->role(), request->name()));
      *response = Describe(row);
      return absl::OkStatus();
    });
  }

  grpc::ServerUnaryReactor* RevokeMember(Context* context, const v1::RevokeMemberRequest* request,
                                         v1::Member* response) override {
    return OnExecutor(context, parts_.executor, [this, request, response]() -> absl::Status {
      ASSIGN_OR_RETURN(const MemberRow row,
                       parts_.enrolment.Revoke(request->role(), request->name(), request->reason()));
      *response = Describe(row);
      return absl::OkStatus();
    });
  }

  v1::Member Describe(const MemberRow& row) const {
    v1::Member member;
    member.set_name(row.name);
    member.set_role(row.role);
    member.set_spiffe_id(MemberId{parts_.sequencer.identity().federation, row.role, row.name}.ToSpiffeId());
    member.set_certificate_fingerprint(row.certificate_fingerprint);
    member.set_certificate_expires_unix_seconds(row.certificate_expires_unix_seconds);
    member.set_entry_vkey(row.entries_vkey);
    member.set_revoked(row.revoked);
    member.set_last_seen_unix_seconds(row.last_seen_unix_seconds);
    if (row.role != v1::ROLE_ARCHIVE) return member;
    const ArchiveConnection connection = parts_.connection(row.name);
    member.set_connection(connection.state);
    member.set_last_seen_unix_seconds(
        std::max(row.last_seen_unix_seconds, connection.last_seen_unix_seconds));
    member.set_software_version(connection.software_version);
    for (const std::string& capability : connection.capabilities) member.add_capabilities(capability);
    return member;
  }

  absl::Status FillStatus(v1::FederationStatus& status) const {
    const LedgerIdentity& identity = parts_.sequencer.identity();
    status.set_federation(identity.federation);
    status.set_project(identity.project);
    status.set_ledger_origin(identity.origin);
    status.set_log_vkey(parts_.sequencer.log_key().verifier().ToString());
    status.set_software_version(parts_.software_version);
    ASSIGN_OR_RETURN(const std::vector<MemberRow> members, parts_.enrolment.ListMembers());
    for (const MemberRow& row : members) {
      if (row.role != v1::ROLE_ARCHIVE || row.revoked) continue;
      status.set_archives_enrolled(status.archives_enrolled() + 1);
      const std::string state = parts_.connection(row.name).state;
      if (state == "connected" || state == "silent")
        status.set_archives_connected(status.archives_connected() + 1);
    }
    ASSIGN_OR_RETURN(const uint32_t jobs, parts_.active_jobs());
    status.set_jobs_running(jobs);
    status.set_artifact_bytes(parts_.artifacts.TotalBytes());
    status.set_draining(parts_.draining());
    status.set_ledger_hold(parts_.ledger_hold());
    status.set_open_incidents(parts_.open_incidents());
    return parts_.store.Transact([&status](Transaction& transaction) -> absl::Status {
      ASSIGN_OR_RETURN(const uint64_t size, transaction.LedgerSize());
      ASSIGN_OR_RETURN(const std::optional<CheckpointRow> sealed, transaction.LatestCheckpoint());
      status.set_ledger_entries(size);
      if (sealed.has_value()) {
        status.set_ledger_sealed_size(sealed->size);
        status.set_ledger_sealed_unix_seconds(sealed->sealed_unix_seconds);
      }
      ASSIGN_OR_RETURN(const LedgerStanding standing, ReadStanding(transaction));
      status.set_ledger_witnessed_size(standing.witnessed_size);
      status.set_ledger_witnessed_unix_seconds(standing.witnessed_unix_seconds);
      return absl::OkStatus();
    });
  }

  const FederationParts parts_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeFederationService(FederationParts parts) {
  return std::make_unique<FederationServiceImpl>(std::move(parts));
}

}  // namespace consort::coordinator
