#include "common/rpc/deadlines.h"
#include "common/rpc/status_mapping.h"
#include "consort/v1/enrolment.grpc.pb.h"
#include "consort/v1/federation.grpc.pb.h"
#include "gtest/gtest.h"
#include "tests/coordinator/enrol/test_enrolment.h"
#include "tests/coordinator/rpc/test_coordinator.h"
#include "tests/support/status_matchers.h"

namespace consort::coordinator {
namespace {

using testing::IsOk;
using testing::RequestFor;
using testing::StatusIs;
using testing::TestCoordinator;
using testing::TlsRequest;

TEST(EnrolmentServiceTest, AnOperatorInvitesAndTheInvitedBecomesAMember) {
  TestCoordinator coordinator;
  const auto operators = v1::FederationService::NewStub(coordinator.Member(v1::ROLE_OPERATOR, "op"));
  v1::CreateInvitationRequest invite;
  invite.set_role(v1::ROLE_ARCHIVE);
  invite.set_name("archive-uk-1");
  v1::CreateInvitationResponse invited;
  grpc::ClientContext inviting;
  SetDeadline(inviting);
  ASSERT_THAT(FromGrpcStatus(operators->CreateInvitation(&inviting, invite, &invited)), IsOk());

  Invitation invitation = ParseInvitation(invited.invitation()).value();
  invitation.address = coordinator.Address();
  const TlsRequest tls = TlsRequest::Generate();
  v1::EnrolResponse enrolled;
  grpc::ClientContext enrolling;
  SetDeadline(enrolling, kEnrolDeadline);
  const auto newcomer = v1::EnrolmentService::NewStub(OpenEnrolmentChannel(invitation).value());
  ASSERT_THAT(
      FromGrpcStatus(newcomer->Enrol(
          &enrolling,
          RequestFor(invitation, tls, testing::ArchiveKeySet::Generate("archive-uk-1", "example.org")),
          &enrolled)),
      IsOk());

  v1::GetMemberRequest get;
  get.set_role(v1::ROLE_ARCHIVE);
  get.set_name("archive-uk-1");
  v1::Member member;
  grpc::ClientContext getting;
  SetDeadline(getting);
  ASSERT_THAT(FromGrpcStatus(operators->GetMember(&getting, get, &member)), IsOk());
  EXPECT_EQ(member.spiffe_id(), "spiffe://example.org/archive/archive-uk-1");
  EXPECT_EQ(member.certificate_fingerprint(), ReadCertificate(enrolled.certificate_pem())->fingerprint);
  EXPECT_EQ(member.connection(), "connected");
  EXPECT_EQ(member.software_version(), "7");
  EXPECT_FALSE(member.revoked());
}

TEST(EnrolmentServiceTest, AMemberRenewsForItselfOnly) {
  TestCoordinator coordinator;
  const auto stub = v1::EnrolmentService::NewStub(coordinator.Member(v1::ROLE_AUDITOR, "bo"));
  v1::RenewRequest request;
  request.set_csr_pem(TlsRequest::Generate().csr_pem);
  v1::RenewResponse response;
  grpc::ClientContext context;
  SetDeadline(context);
  ASSERT_THAT(FromGrpcStatus(stub->Renew(&context, request, &response)), IsOk());
  EXPECT_EQ(ReadCertificate(response.certificate_pem())->spiffe_id, "spiffe://example.org/auditor/bo");
}

TEST(FederationServiceTest, StatusCountsMembersAndEntries) {
  TestCoordinator coordinator;
  coordinator.Member(v1::ROLE_ARCHIVE, "archive-uk-1");
  const auto stub = v1::FederationService::NewStub(coordinator.Member(v1::ROLE_AUDITOR, "bo"));
  v1::FederationStatus status;
  grpc::ClientContext context;
  SetDeadline(context);
  ASSERT_THAT(FromGrpcStatus(stub->Status(&context, v1::FederationStatusRequest(), &status)), IsOk());
  EXPECT_EQ(status.federation(), "example.org");
  EXPECT_EQ(status.ledger_origin(), "ledger.example.org/music");
  EXPECT_EQ(status.archives_enrolled(), 1u);
  EXPECT_EQ(status.archives_connected(), 1u);
  EXPECT_EQ(status.ledger_entries(), 2u);  // the coordinator's keys, the archive's
  EXPECT_EQ(status.ledger_sealed_size(), 0u);
}

}  // namespace
}  // namespace consort::coordinator
