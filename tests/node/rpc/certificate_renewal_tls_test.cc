// A short-lived certificate is renewed over real mutual TLS, and the next connection uses the new one.
#include <grpcpp/server_builder.h>

#include <future>

#include "absl/strings/str_cat.h"
#include "common/crypto/key_file.h"
#include "common/rpc/deadlines.h"
#include "common/rpc/peer_identity.h"
#include "common/rpc/status_mapping.h"
#include "common/sync/thread_executor.h"
#include "consort/v1/enrolment.grpc.pb.h"
#include "node/daemon/daemon.h"
#include "node/daemon/tls_identity.h"
#include "node/rpc/grpc_renewal.h"
#include "tests/common/rpc/test_federation.h"
#include "tests/support/status_matchers.h"

namespace consort::node {
namespace {

using testing::IsOk;
using testing::TestFederation;

constexpr std::chrono::seconds kLimit(60);
constexpr char kArchive[] = "spiffe://example.org/archive/archive-uk-1";

// Renews whoever its certificate says it is; Enrol answers the fingerprint of the certificate that was shown.
class Coordinator : public v1::EnrolmentService::Service {
 public:
  explicit Coordinator(TestFederation& federation) : federation_(federation) {}

 private:
  grpc::Status Enrol(grpc::ServerContext* context, const v1::EnrolRequest*,
                     v1::EnrolResponse* response) override {
    const auto peer = IdentifyPeer(*context->auth_context(), federation_.name());
    if (!peer.ok() || !peer->has_value()) return grpc::Status(grpc::StatusCode::UNAUTHENTICATED, "who?");
    response->set_project((*peer)->certificate_fingerprint);
    return grpc::Status::OK;
  }
  grpc::Status Renew(grpc::ServerContext* context, const v1::RenewRequest* request,
                     v1::RenewResponse* response) override {
    const auto peer = IdentifyPeer(*context->auth_context(), federation_.name());
    if (!peer.ok() || !peer->has_value()) return grpc::Status(grpc::StatusCode::UNAUTHENTICATED, "who?");
    const auto leaf = federation_.authority().Issue(request->csr_pem(),
                                                    {.spiffe_id = (*peer)->member.ToSpiffeId()}, absl::Now());
    if (!leaf.ok()) return ToGrpcStatus(leaf.status());
    response->set_certificate_pem(absl::StrCat(*leaf, federation_.authority().certificate_pem()));
    return grpc::Status::OK;
  }
  TestFederation& federation_;
};

// Tells when an answer has been handed on.
class WatchedCall : public RenewalCall {
 public:
  explicit WatchedCall(RenewalCall& call) : call_(call) {}
  void Renew(const std::string& csr_pem, std::function<void(absl::StatusOr<std::string>)> done) override {
    call_.Renew(csr_pem, [answered = answered_, done = std::move(done)](absl::StatusOr<std::string> chain) {
      const absl::Status status = chain.status();
      done(std::move(chain));
      answered->set_value(status);
    });
  }
  std::future<absl::Status> answered() { return answered_->get_future(); }

 private:
  RenewalCall& call_;
  // The callback may still be inside set_value when the test goes on.
  const std::shared_ptr<std::promise<absl::Status>> answered_ =
      std::make_shared<std::promise<absl::Status>>();
};

class CertificateRenewalTlsTest : public ::testing::Test {
 protected:
  CertificateRenewalTlsTest() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", MakeServerCredentials(federation_.Server()).value(), &port_);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
  }
  ~CertificateRenewalTlsTest() override { server_->Shutdown(std::chrono::system_clock::now()); }

  std::shared_ptr<grpc::Channel> Connect() {
    return OpenChannel({absl::StrCat("127.0.0.1:", port_), federation_.name(), identity_, identity_,
                        federation_.Path("ca.pem"), ""})
        .value();
  }
  // Fingerprint of the certificate that the server sees.
  std::string ShownOn(const std::shared_ptr<grpc::Channel>& channel) {
    grpc::ClientContext context;
    SetDeadline(context);
    v1::EnrolResponse response;
    EXPECT_THAT(FromGrpcStatus(v1::EnrolmentService::NewStub(channel)->Enrol(&context, {}, &response)),
                IsOk());
    return response.project();
  }

  TestFederation federation_;
  Coordinator service_{federation_};
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
  const std::string identity_ = federation_.Path("tls-identity.pem");
};

TEST_F(CertificateRenewalTlsTest, ShortLivedCertificateIsRenewedAndNewConnectionsShowTheNewOne) {
  // 40 of 60 minutes have passed and a few more: a third is left.
  const auto old = federation_.Issue(kArchive, absl::Now() - absl::Minutes(45), absl::Hours(1));
  ASSERT_THAT(SaveTlsIdentity(identity_, testing::ReadFileOrDie(old.key_path), old.certificate_pem), IsOk());
  const std::string before = ReadCertificate(old.certificate_pem)->fingerprint;

  MetricsRegistry metrics;
  DeclareNodeMetrics(metrics);
  ThreadExecutor control;
  const auto channel = Connect();
  GrpcRenewal grpc_call(channel);
  WatchedCall call(grpc_call);
  auto answered = call.answered();
  CertificateRenewal renewal({identity_, federation_.authority().certificate_pem()},
                             ReadCertificate(old.certificate_pem).value(), control, call, metrics,
                             [] { return 0.0; });
  EXPECT_EQ(ShownOn(channel), before);
  control.Post([&renewal] { renewal.Start(); });
  ASSERT_EQ(answered.wait_for(kLimit), std::future_status::ready);
  ASSERT_THAT(answered.get(), IsOk());
  control.Stop();  // finishes what was posted: the identity is stored

  const std::string renewed = renewal.current().fingerprint;
  EXPECT_NE(renewed, before);
  EXPECT_EQ(ShownOn(channel), before);  // an open connection stays
  EXPECT_EQ(ShownOn(Connect()), renewed);
}

TEST_F(CertificateRenewalTlsTest, CallUnderWayEndsWithItsOwner) {
  const auto identity = federation_.Issue(v1::ROLE_ARCHIVE, "archive-uk-1");
  ASSERT_THAT(SaveTlsIdentity(identity_, testing::ReadFileOrDie(identity.key_path), identity.certificate_pem),
              IsOk());
  std::promise<absl::Status> done;
  {
    GrpcRenewal call(Connect());
    call.Renew("no request", [&done](absl::StatusOr<std::string> chain) { done.set_value(chain.status()); });
  }
  auto ended = done.get_future();
  ASSERT_EQ(ended.wait_for(std::chrono::seconds(0)), std::future_status::ready);
  EXPECT_FALSE(ended.get().ok());
}

}  // namespace
}  // namespace consort::node
