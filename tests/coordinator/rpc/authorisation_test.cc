// Every method of the table, called by everyone over real TLS.
#include <grpcpp/generic/generic_stub.h>

#include <future>

#include "common/rpc/deadlines.h"
#include "common/rpc/status_mapping.h"
#include "consort/v1/federation.grpc.pb.h"
#include "coordinator/enrol/method_roles.h"
#include "gtest/gtest.h"
#include "tests/coordinator/rpc/test_coordinator.h"
#include "tests/support/status_matchers.h"

namespace consort::coordinator {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;
using testing::TestCoordinator;
using testing::TestFederation;

// Calls `method` with an empty message. What comes back of an allowed method does not matter.
absl::Status Call(const std::shared_ptr<grpc::Channel>& channel, absl::string_view method) {
  grpc::ClientContext context;
  // A stream with more than one answer never ends for a caller that takes one: the deadline is its answer.
  const bool answers_again =
      method == "/grpc.health.v1.Health/Watch" || method == "/consort.v1.LedgerService/ReadEntries";
  SetDeadline(context, answers_again ? absl::Milliseconds(500) : absl::Seconds(20));
  grpc::GenericStub stub(channel);
  grpc::ByteBuffer request;
  grpc::ByteBuffer response;
  const grpc::Slice empty;
  request = grpc::ByteBuffer(&empty, 1);
  std::promise<grpc::Status> status;
  stub.UnaryCall(&context, std::string(method), grpc::StubOptions(), &request, &response,
                 [&](grpc::Status result) { status.set_value(std::move(result)); });
  return FromGrpcStatus(status.get_future().get());
}

bool Refused(const absl::Status& status) {
  return absl::IsUnauthenticated(status) || absl::IsPermissionDenied(status);
}

class AuthorisationTest : public ::testing::Test {
 protected:
  TestCoordinator coordinator_;
};

TEST_F(AuthorisationTest, EveryMethodIsOpenToTheRolesOfTheTableAndToNobodyElse) {
  for (const v1::Role role : {v1::ROLE_ARCHIVE, v1::ROLE_RESEARCHER, v1::ROLE_AUDITOR, v1::ROLE_OPERATOR}) {
    const auto channel = coordinator_.Member(role, "somebody");
    for (const MethodRule& rule : MethodRules()) {
      if (rule.anonymous) continue;  // Enrol refuses an empty token by itself
      EXPECT_EQ(Refused(Call(channel, rule.method)), !rule.Allows(role))
          << RoleWord(role) << " " << rule.method;
    }
  }
}

TEST_F(AuthorisationTest, WithoutACertificateNothingButEnrolIsReached) {
  const auto channel = OpenEnrolmentChannel(coordinator_.Invite(v1::ROLE_RESEARCHER, "ada")).value();
  for (const MethodRule& rule : MethodRules()) {
    const absl::Status status = Call(channel, rule.method);
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnauthenticated,
                                 HasSubstr(rule.anonymous ? "invitation" : "no certificate")))
        << rule.method;
  }
}

TEST_F(AuthorisationTest, AMethodOutsideTheTableIsRefused) {
  EXPECT_THAT(Call(coordinator_.Member(v1::ROLE_OPERATOR, "op"), "/consort.v1.JobService/Erase"),
              StatusIs(absl::StatusCode::kPermissionDenied, ::testing::_));
}

TEST_F(AuthorisationTest, ACertificateOfOurAuthorityForAnUnknownMemberIsRefused) {
  TestFederation& federation = coordinator_.federation();
  const auto stranger = federation.Issue(v1::ROLE_OPERATOR, "stranger");
  EXPECT_THAT(Call(OpenChannel(federation.Dial(coordinator_.Address(), stranger)).value(),
                   "/consort.v1.FederationService/Status"),
              StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("unknown member")));
}

TEST_F(AuthorisationTest, ExpiredAndForeignCertificatesDoNotConnect) {
  TestFederation& federation = coordinator_.federation();
  coordinator_.Member(v1::ROLE_OPERATOR, "op");
  const auto expired =
      federation.Issue("spiffe://example.org/operator/op", absl::Now() - absl::Hours(2), absl::Hours(1));
  TestFederation other;
  const auto foreign = other.Issue(v1::ROLE_OPERATOR, "op");
  for (const auto& identity : {expired, foreign}) {
    EXPECT_THAT(Call(OpenChannel(federation.Dial(coordinator_.Address(), identity)).value(),
                     "/consort.v1.FederationService/Status"),
                StatusIs(absl::StatusCode::kUnavailable, ::testing::_));
  }
}

TEST_F(AuthorisationTest, ARevokedMemberIsRefusedOnItsOpenConnection) {
  const auto channel = coordinator_.Member(v1::ROLE_RESEARCHER, "ada");
  ASSERT_THAT(Call(channel, "/consort.v1.FederationService/Status"), IsOk());
  ASSERT_THAT(coordinator_.Revoke(v1::ROLE_RESEARCHER, "ada"), IsOk());
  EXPECT_THAT(Call(channel, "/consort.v1.FederationService/Status"),
              StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("revoked")));
}

}  // namespace
}  // namespace consort::coordinator
