// Keeps the archive's certificate from running out, without a person and without a restart.
#ifndef CONSORT_NODE_DAEMON_CERTIFICATE_RENEWAL_H_
#define CONSORT_NODE_DAEMON_CERTIFICATE_RENEWAL_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/crypto/certificate.h"
#include "common/metrics/registry.h"
#include "common/sync/executor.h"
#include "node/daemon/backoff.h"

namespace consort::node {

// Asks the coordinator. node/rpc implements it with gRPC; tests with an authority of their own.
class RenewalCall {
 public:
  virtual ~RenewalCall() = default;
  // Returns at once. `done` comes once, within a bounded time, on any thread, with leaf and chain.
  virtual void Renew(const std::string& csr_pem, std::function<void(absl::StatusOr<std::string>)> done) = 0;
};

// Owned by one executor: every call comes from there. Once a third of the certificate's lifetime is left (and
// up to a thirtieth of it later, so that archives which enrolled together do not ask together) it makes a new
// key, asks for a certificate, checks what comes and replaces the identity file. TLS takes the file up at the
// next connection; open ones stay. A failed attempt is repeated with backoff and said in the log.
class CertificateRenewal {
 public:
  static constexpr int kRenewWithFractionLeft = 3;
  static constexpr int kJitterFraction = 30;
  // Timers stand still while a machine sleeps; the calendar does not.
  static constexpr absl::Duration kLookEvery = absl::Hours(1);
  static constexpr absl::Duration kFirstRetry = absl::Minutes(1);
  static constexpr absl::Duration kLongestRetry = absl::Hours(6);

  struct Settings {
    std::string identity_path;
    std::string ca_pem;
  };
  // `current`: what the certificate in the identity file says. `uniform` draws from [0, 1). The rest is
  // borrowed; the executor drops or finishes posted work before this goes.
  CertificateRenewal(Settings settings, CertificateFacts current, Executor& executor, RenewalCall& call,
                     MetricsRegistry& metrics, std::function<double()> uniform);

  void Start();
  // An answer that is under way is ignored.
  void Stop();

  const CertificateFacts& current() const { return current_; }

 private:
  void Schedule();
  void Look();
  absl::Status Ask();
  absl::Status Take(const std::string& key_pem, const absl::StatusOr<std::string>& chain_pem);
  void Finish(const absl::Status& status);

  const Settings settings_;
  CertificateFacts current_;
  Executor& executor_;
  RenewalCall& call_;
  MetricsRegistry& metrics_;
  std::function<double()> uniform_;
  Backoff backoff_;
  absl::Time due_;
  Executor::TimerId timer_ = 0;
  bool stopped_ = true;
};

}  // namespace consort::node

#endif  // CONSORT_NODE_DAEMON_CERTIFICATE_RENEWAL_H_
