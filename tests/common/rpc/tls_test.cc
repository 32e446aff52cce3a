// Real handshakes on loopback.
#include <arpa/inet.h>
#include <grpcpp/server_builder.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/rpc/client_channel.h"
#include "common/rpc/deadlines.h"
#include "common/rpc/peer_identity.h"
#include "common/rpc/server_credentials.h"
#include "common/rpc/status_mapping.h"
#include "common/rpc/tls_policy.h"
#include "consort/v1/enrolment.grpc.pb.h"
#include "gtest/gtest.h"
#include "tests/common/rpc/test_federation.h"
#include "tests/support/process.h"
#include "tests/support/status_matchers.h"

namespace consort {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using testing::IsOkAndHolds;
using testing::StatusIs;
using testing::TestFederation;

// gRPC reads the setting once in a process: before the first test.
const bool kTlsPolicy = [] {
  RequireTls13();
  return true;
}();

// Answers Enrol with the identity that the server sees.
class IdentityService : public v1::EnrolmentService::Service {
 public:
  explicit IdentityService(std::string federation) : federation_(std::move(federation)) {}

 private:
  grpc::Status Enrol(grpc::ServerContext* context, const v1::EnrolRequest*,
                     v1::EnrolResponse* response) override {
    const auto peer = IdentifyPeer(*context->auth_context(), federation_);
    if (!peer.ok()) return ToGrpcStatus(peer.status());
    response->set_federation(peer->has_value() ? (*peer)->member.ToSpiffeId() : "anonymous");
    response->set_project(peer->has_value() ? (*peer)->certificate_fingerprint : "");
    return grpc::Status::OK;
  }
  std::string federation_;
};

class TlsTest : public ::testing::Test {
 protected:
  TlsTest() : service_(federation_.name()) { Start(federation_.Server()); }
  ~TlsTest() override { server_->Shutdown(); }

  void Start(const ServerTlsFiles& files) {
    grpc::ServerBuilder builder;
    ApplyServerLimits(builder);
    builder.AddListeningPort("127.0.0.1:0", MakeServerCredentials(files).value(), &port_);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
  }
  std::string Address() const { return absl::StrCat("127.0.0.1:", port_); }

  absl::StatusOr<v1::EnrolResponse> Call(const std::shared_ptr<grpc::Channel>& channel) {
    grpc::ClientContext context;
    SetDeadline(context, absl::Seconds(20));
    v1::EnrolResponse response;
    const auto stub = v1::EnrolmentService::NewStub(channel);
    const absl::Status status = FromGrpcStatus(stub->Enrol(&context, v1::EnrolRequest(), &response));
    if (!status.ok()) return status;
    return response;
  }
  absl::StatusOr<std::string> CallAs(const TestFederation::IdentityFiles& identity) {
    auto response = Call(OpenChannel(federation_.Dial(Address(), identity)).value());
    if (!response.ok()) return response.status();
    return response->federation();
  }
  Invitation InvitationFor() {
    Invitation invitation;
    invitation.address = Address();
    invitation.federation = federation_.name();
    invitation.ca_fingerprint = federation_.ca_fingerprint();
    return invitation;
  }

  TestFederation federation_;
  IdentityService service_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

TEST_F(TlsTest, AMemberIsWhoItsCertificateSays) {
  const auto identity = federation_.Issue(v1::ROLE_ARCHIVE, "archive-uk-1");
  const auto response = Call(OpenChannel(federation_.Dial(Address(), identity)).value());
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->federation(), "spiffe://example.org/archive/archive-uk-1");
  EXPECT_EQ(response->project(), ReadCertificate(identity.certificate_pem)->fingerprint);
}

TEST_F(TlsTest, ANewcomerWithTheRightPinGetsThroughAsAnonymous) {
  const auto response = Call(OpenEnrolmentChannel(InvitationFor()).value());
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->federation(), "anonymous");
}

TEST_F(TlsTest, ANewcomerRefusesAnAuthorityThatTheInvitationDoesNotName) {
  Invitation invitation = InvitationFor();
  invitation.ca_fingerprint = std::string(64, '0');
  EXPECT_THAT(Call(OpenEnrolmentChannel(invitation).value()),
              StatusIs(absl::StatusCode::kUnavailable, ::testing::_));
}

TEST_F(TlsTest, ANewcomerRefusesACoordinatorWhoseChainOnlyCarriesThePinnedAuthority) {
  // The attacker shows its own certificate and appends the authority's, which is public.
  TestFederation attacker;
  ServerTlsFiles files = attacker.Server();
  testing::WriteFileOrDie(attacker.Path("mixed.pem"), testing::ReadFileOrDie(files.certificate_path) +
                                                          federation_.authority().certificate_pem());
  files.certificate_path = attacker.Path("mixed.pem");
  server_->Shutdown();
  Start(files);
  EXPECT_THAT(Call(OpenEnrolmentChannel(InvitationFor()).value()),
              StatusIs(absl::StatusCode::kUnavailable, ::testing::_));
}

TEST_F(TlsTest, AMemberRefusesAnotherMemberPosingAsTheCoordinator) {
  ServerTlsFiles files = federation_.Server();
  const auto archive = federation_.Issue(v1::ROLE_ARCHIVE, "archive-uk-2");
  files.certificate_path = archive.certificate_path;
  files.key_path = archive.key_path;
  server_->Shutdown();
  Start(files);
  EXPECT_THAT(CallAs(federation_.Issue(v1::ROLE_ARCHIVE, "archive-uk-1")),
              StatusIs(absl::StatusCode::kUnavailable, ::testing::_));
}

TEST_F(TlsTest, AnExpiredCertificateIsRefusedInTheHandshake) {
  const auto expired = federation_.Issue("spiffe://example.org/archive/archive-uk-1",
                                         absl::Now() - absl::Hours(2), absl::Hours(1));
  EXPECT_THAT(CallAs(expired), StatusIs(absl::StatusCode::kUnavailable, ::testing::_));
}

TEST_F(TlsTest, ACertificateOfAnotherAuthorityIsRefusedInTheHandshake) {
  TestFederation foreign;
  EXPECT_THAT(CallAs(foreign.Issue(v1::ROLE_OPERATOR, "mallory")),
              StatusIs(absl::StatusCode::kUnavailable, ::testing::_));
}

TEST_F(TlsTest, ACertificateThatNamesAnotherFederationIsRefused) {
  const auto other = federation_.Issue("spiffe://example.net/archive/a", absl::Now(), absl::Hours(1));
  EXPECT_THAT(CallAs(other), StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("example.net")));
}

TEST_F(TlsTest, ARenewedCertificateIsTakenUpWithoutARestart) {
  auto identity = federation_.Issue(v1::ROLE_ARCHIVE, "archive-uk-1");
  // A second pair of files replaces the first, key and certificate together, as a renewal does.
  const auto renewed = federation_.Issue(v1::ROLE_ARCHIVE, "archive-uk-1");
  auto channel = OpenChannel(federation_.Dial(Address(), identity)).value();
  const std::string before = Call(channel)->project();
  ASSERT_EQ(rename(renewed.key_path.c_str(), identity.key_path.c_str()), 0);
  ASSERT_EQ(rename(renewed.certificate_path.c_str(), identity.certificate_path.c_str()), 0);
  // A new channel reads the new pair at once; the open one stays as it is.
  EXPECT_EQ(Call(channel)->project(), before);
  EXPECT_NE(Call(OpenChannel(federation_.Dial(Address(), identity)).value())->project(), before);
}

TEST_F(TlsTest, Tls12IsRefusedAndTls13Accepted) {
  const std::string command = absl::StrCat("openssl s_client -connect ", Address(), " -alpn h2 -CAfile ",
                                           federation_.Path("ca.pem"), " ");
  const auto old = testing::RunToEnd({{"sh", "-c", command + "-tls1_2 </dev/null"}});
  EXPECT_NE(old.exit_code, 0) << old.output;
  EXPECT_THAT(old.output, HasSubstr("Cipher is (NONE)"));
  const auto now = testing::RunToEnd({{"sh", "-c", command + "-tls1_3 </dev/null"}});
  EXPECT_THAT(now.output, HasSubstr("New, TLSv1.3"));
}

TEST_F(TlsTest, MissingFilesAreNamed) {
  ChannelOptions options = federation_.Dial(Address(), federation_.Issue(v1::ROLE_ARCHIVE, "a"));
  options.key_path = federation_.Path("absent.key");
  EXPECT_THAT(OpenChannel(options).status(), StatusIs(absl::StatusCode::kNotFound, HasSubstr("absent.key")));
  ServerTlsFiles files = federation_.Server();
  files.ca_path = federation_.Path("absent.pem");
  EXPECT_THAT(MakeServerCredentials(files).status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("absent.pem")));
}

// A proxy that carries one CONNECT and then bytes both ways.
class ConnectProxy {
 public:
  ConnectProxy() : listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    listen(listener_, 1);
    socklen_t length = sizeof address;
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  ~ConnectProxy() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  int port() const { return port_; }
  std::string request() const { return request_; }
  bool used() const { return used_; }

 private:
  static void Pump(int from, int to) {
    char buffer[16384];
    ssize_t count;
    while ((count = read(from, buffer, sizeof buffer)) > 0) {
      if (write(to, buffer, static_cast<size_t>(count)) != count) break;
    }
    shutdown(to, SHUT_WR);
    shutdown(from, SHUT_RD);
  }
  void Serve() {
    const int client = accept(listener_, nullptr, nullptr);
    if (client < 0) return;
    char c;
    while (!absl::EndsWith(request_, "\r\n\r\n") && read(client, &c, 1) == 1) request_ += c;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const size_t colon = request_.find(':');
    address.sin_port = htons(static_cast<uint16_t>(std::stoi(request_.substr(colon + 1))));
    const int server = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(server, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
      used_ = true;
      const absl::string_view ok = "HTTP/1.1 200 Connection established\r\n\r\n";
      if (write(client, ok.data(), ok.size()) < 0) return;
      std::thread upwards([&] { Pump(client, server); });
      Pump(server, client);
      upwards.join();
    }
    close(server);
    close(client);
  }

  int listener_;
  int port_ = 0;
  std::string request_;
  std::atomic<bool> used_{false};
  std::thread thread_;
};

TEST_F(TlsTest, AnHttpProxyCarriesTheConnection) {
  ConnectProxy proxy;
  {
    ChannelOptions options = federation_.Dial(Address(), federation_.Issue(v1::ROLE_ARCHIVE, "archive-uk-1"));
    options.proxy = absl::StrCat("127.0.0.1:", proxy.port());
    EXPECT_THAT(Call(OpenChannel(options).value()), IsOk());
  }
  EXPECT_TRUE(proxy.used());
}

}  // namespace
}  // namespace consort
