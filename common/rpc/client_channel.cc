#include "common/rpc/client_channel.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/crypto/certificate.h"
#include "common/rpc/large_frames.h"
#include "common/rpc/member_id.h"
#include "common/rpc/server_credentials.h"
#include "common/status/macros.h"

namespace consort {
namespace {

namespace tls = grpc::experimental;

constexpr int kConnectMillis = 10'000;        // one attempt: TCP and TLS over a link with 300 ms and losses
constexpr int kFirstBackoffMillis = 200;      // a restarted coordinator is found again soon
constexpr int kLargestBackoffMillis = 2'000;  // and never much later than it is back
constexpr absl::string_view kCertificateEnd = "-----END CERTIFICATE-----";

absl::string_view ViewOf(grpc::string_ref text) { return {text.data(), text.size()}; }

// Splits PEM text into single certificates.
std::vector<std::string> SplitPem(absl::string_view pem) {
  std::vector<std::string> certificates;
  while (true) {
    const size_t end = pem.find(kCertificateEnd);
    if (end == absl::string_view::npos) return certificates;
    certificates.emplace_back(absl::StrCat(pem.substr(0, end + kCertificateEnd.size()), "\n"));
    pem.remove_prefix(end + kCertificateEnd.size());
  }
}

absl::Status CheckCoordinator(const std::string& certificate_pem, const std::string& spiffe_id) {
  ASSIGN_OR_RETURN(const CertificateFacts facts, ReadCertificate(certificate_pem));
  if (facts.spiffe_id != spiffe_id) {
    return absl::UnauthenticatedError(
        absl::StrCat("server is not this federation's coordinator; check the address: found '",
                     facts.spiffe_id, "', expected '", spiffe_id, "'"));
  }
  return absl::OkStatus();
}

// Checks a peer after the handshake: subclasses say against what.
class Verifier : public tls::ExternalCertificateVerifier {
 public:
  bool Verify(tls::TlsCustomVerificationCheckRequest* request, std::function<void(grpc::Status)>,
              grpc::Status* sync_status) override {
    const absl::Status status = Check(*request);
    if (!status.ok())
      *sync_status = grpc::Status(grpc::StatusCode::UNAUTHENTICATED, std::string(status.message()));
    return true;  // decided here and now
  }
  void Cancel(tls::TlsCustomVerificationCheckRequest*) override {}

 private:
  virtual absl::Status Check(const tls::TlsCustomVerificationCheckRequest& request) const = 0;
};

// OpenSSL has verified the chain against the federation's authority; this checks who it is.
class MemberVerifier : public Verifier {
 public:
  explicit MemberVerifier(std::string spiffe_id) : spiffe_id_(std::move(spiffe_id)) {}

 private:
  absl::Status Check(const tls::TlsCustomVerificationCheckRequest& request) const override {
    return CheckCoordinator(std::string(ViewOf(request.peer_cert())), spiffe_id_);
  }
  std::string spiffe_id_;
};

// Nothing is known but the fingerprint of the authority: find it in the chain, then verify the chain
// ourselves.
class PinVerifier : public Verifier {
 public:
  PinVerifier(std::string spiffe_id, std::string ca_fingerprint)
      : spiffe_id_(std::move(spiffe_id)), ca_fingerprint_(std::move(ca_fingerprint)) {}

 private:
  absl::Status Check(const tls::TlsCustomVerificationCheckRequest& request) const override {
    const std::string leaf(ViewOf(request.peer_cert()));
    for (const std::string& certificate : SplitPem(ViewOf(request.peer_cert_full_chain()))) {
      ASSIGN_OR_RETURN(const CertificateFacts facts, ReadCertificate(certificate));
      if (facts.fingerprint != ca_fingerprint_) continue;
      RETURN_IF_ERROR(VerifyChain(leaf, certificate, absl::Now()));
      return CheckCoordinator(leaf, spiffe_id_);
    }
    return absl::UnauthenticatedError(
        "server does not show the authority that the invitation names; ask for a new one");
  }
  std::string spiffe_id_;
  std::string ca_fingerprint_;
};

grpc::ChannelArguments Arguments(const std::string& proxy) {
  grpc::ChannelArguments arguments;
  arguments.SetString(GRPC_SSL_TARGET_NAME_OVERRIDE_ARG, kCoordinatorTlsName);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMillis);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMillis);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  UseLargeFrames(arguments);
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);  // would answer every heartbeat with a ping
  arguments.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, kReadAheadBytes);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectMillis);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kFirstBackoffMillis);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kLargestBackoffMillis);
  arguments.SetMaxReceiveMessageSize(kMaxReceiveBytes);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, proxy.empty() ? 0 : 1);
  if (!proxy.empty()) {
    arguments.SetString(GRPC_ARG_HTTP_PROXY,
                        absl::StrContains(proxy, "://") ? proxy : absl::StrCat("http://", proxy));
  }
  return arguments;
}

absl::Status CheckAddress(const std::string& address) {
  if (!address.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError("coordinator's address is empty; set [coordinator] address to HOST:PORT");
}

std::shared_ptr<grpc::Channel> Create(const std::string& address,
                                      const tls::TlsChannelCredentialsOptions& options,
                                      const std::string& proxy) {
  return grpc::CreateCustomChannel(address, tls::TlsCredentials(options), Arguments(proxy));
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(const ChannelOptions& options) {
  RETURN_IF_ERROR(CheckAddress(options.address));
  RETURN_IF_ERROR(CheckFederationName(options.federation));
  for (const std::string& path : {options.certificate_path, options.key_path, options.ca_path}) {
    if (access(path.c_str(), R_OK) != 0) {
      return absl::NotFoundError(absl::StrCat("TLS file cannot be read; enrol first: ", path));
    }
  }
  tls::TlsChannelCredentialsOptions credentials;
  credentials.set_certificate_provider(std::make_shared<tls::FileWatcherCertificateProvider>(
      options.key_path, options.certificate_path, options.ca_path, kCertificateRefreshSeconds));
  credentials.watch_root_certs();
  credentials.watch_identity_key_cert_pairs();
  credentials.set_check_call_host(false);  // the verifier checks more than a host name
  credentials.set_certificate_verifier(
      tls::ExternalCertificateVerifier::Create<MemberVerifier>(CoordinatorSpiffeId(options.federation)));
  return Create(options.address, credentials, options.proxy);
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenEnrolmentChannel(const Invitation& invitation,
                                                                    const std::string& proxy) {
  RETURN_IF_ERROR(CheckAddress(invitation.address));
  tls::TlsChannelCredentialsOptions credentials;
  credentials.set_verify_server_certs(false);  // no root yet: PinVerifier does it
  credentials.set_check_call_host(false);
  credentials.set_certificate_verifier(tls::ExternalCertificateVerifier::Create<PinVerifier>(
      CoordinatorSpiffeId(invitation.federation), invitation.ca_fingerprint));
  return Create(invitation.address, credentials, proxy);
}

}  // namespace consort
