#include "node/daemon/certificate_renewal.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "node/daemon/tls_identity.h"
#include "spdlog/spdlog.h"

namespace consort::node {

CertificateRenewal::CertificateRenewal(Settings settings, CertificateFacts current, Executor& executor,
                                       RenewalCall& call, MetricsRegistry& metrics,
                                       std::function<double()> uniform)
    : settings_(std::move(settings)),
      current_(std::move(current)),
      executor_(executor),
      call_(call),
      metrics_(metrics),
      uniform_(std::move(uniform)),
      backoff_(uniform_, kFirstRetry, kLongestRetry) {}

void CertificateRenewal::Start() {
  stopped_ = false;
  Schedule();
}

void CertificateRenewal::Stop() {
  stopped_ = true;
  executor_.Cancel(timer_);
}

void CertificateRenewal::Schedule() {
  metrics_.Set("consort_node_certificate_not_after_timestamp_seconds", {},
               static_cast<double>(absl::ToUnixSeconds(current_.not_after)));
  const absl::Duration lifetime = current_.not_after - current_.not_before;
  due_ = current_.not_after - lifetime / kRenewWithFractionLeft + uniform_() * lifetime / kJitterFraction;
  Look();
}

void CertificateRenewal::Look() {
  const absl::Duration left = due_ - executor_.WallClock();
  if (left > absl::ZeroDuration()) {
    timer_ = executor_.PostAfter(std::min(left, kLookEvery), [this] { Look(); });
    return;
  }
  const absl::Status asked = Ask();
  if (!asked.ok()) Finish(asked);
}

absl::Status CertificateRenewal::Ask() {
  ASSIGN_OR_RETURN(const std::string key, GenerateTlsKeyPem());
  ASSIGN_OR_RETURN(const std::string request, MakeCertificateRequest(key));
  call_.Renew(request, [this, key](absl::StatusOr<std::string> chain) {
    executor_.Post([this, key, chain = std::move(chain)] {
      if (!stopped_) Finish(Take(key, chain));
    });
  });
  return absl::OkStatus();
}

// The coordinator is authenticated, but an identity that does not fit would lock this archive out.
absl::Status CertificateRenewal::Take(const std::string& key_pem,
                                      const absl::StatusOr<std::string>& chain_pem) {
  RETURN_IF_ERROR(chain_pem.status());
  RETURN_IF_ERROR(VerifyChain(*chain_pem, settings_.ca_pem, executor_.WallClock()));
  ASSIGN_OR_RETURN(CertificateFacts renewed, ReadCertificate(*chain_pem));
  if (renewed.spiffe_id != current_.spiffe_id) {
    return absl::DataLossError(absl::StrCat("the new certificate is for somebody else: found '",
                                            renewed.spiffe_id, "', expected '", current_.spiffe_id, "'"));
  }
  if (renewed.not_after <= current_.not_after) {
    return absl::DataLossError("the new certificate does not last longer than the one that is in use");
  }
  RETURN_IF_ERROR(SaveTlsIdentity(settings_.identity_path, key_pem, *chain_pem));
  current_ = std::move(renewed);
  return absl::OkStatus();
}

void CertificateRenewal::Finish(const absl::Status& status) {
  if (status.ok()) {
    spdlog::info("certificate renewed, valid until {}",
                 absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", current_.not_after, absl::UTCTimeZone()));
    backoff_.Reset();
    Schedule();
    return;
  }
  spdlog::error("certificate not renewed, {} hours left; it is tried again: {}",
                absl::ToInt64Hours(current_.not_after - executor_.WallClock()),
                std::string(status.message()));
  timer_ = executor_.PostAfter(backoff_.Next(), [this] { Look(); });
}

}  // namespace consort::node
