#include "node/app/doctor_checks.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/crypto/certificate.h"
#include "common/crypto/key_file.h"
#include "common/rpc/client_channel.h"
#include "common/rpc/member_id.h"
#include "common/sandbox/sandbox.h"
#include "common/status/macros.h"
#include "node/app/command_output.h"
#include "node/app/network_probe.h"
#include "node/app/tls_probe.h"
#include "node/daemon/state_files.h"
#include "node/daemon/tls_identity.h"
#include "node/rpc/control_client.h"
#include "node/rpc/federation_client.h"

namespace consort::node {
namespace {

// The daemon renews with a third of the lifetime left, give or take its jitter: later, something is wrong.
constexpr int kWarnWithFractionLeft = 4;
constexpr uint64_t kLeastFreeBytes = uint64_t{1} << 30;
constexpr int kUpdateCopies = 3;  // values, payload, and the artifact it was trained from
constexpr int kMaxShownProblems = 20;
constexpr char kNoConsent[] = "no-consent";  // as the trainer says it

// Gathers results; each method says one thing.
class Checks {
 public:
  Checks(const NodeConfig& config, absl::Time now)
      : config_(config),
        tls_(NewestTlsFiles(config.enrolled_tls(), config.tls_identity_path())
                 .value_or(config.enrolled_tls())),
        now_(now) {}

  void Pass(std::string name, std::string found) {
    Add(std::move(name), CheckResult::Verdict::kPass, std::move(found), "");
  }
  void Warn(std::string name, std::string found, std::string advice) {
    Add(std::move(name), CheckResult::Verdict::kWarn, std::move(found), std::move(advice));
  }
  void Fail(std::string name, std::string found, std::string advice) {
    Add(std::move(name), CheckResult::Verdict::kFail, std::move(found), std::move(advice));
  }

  void Certificate();
  void Network();
  void Disk();
  void Sandbox();
  void Congestion();
  void Trainer();

  std::vector<CheckResult> results;

 private:
  void Add(std::string name, CheckResult::Verdict verdict, std::string found, std::string advice) {
    results.push_back({std::move(name), verdict, std::move(found), std::move(advice)});
  }
  void Expiry(const CertificateFacts& facts);
  bool Names();
  absl::StatusOr<FileDescriptor> Reach();
  void Tls(const TlsFacts& facts);

  const NodeConfig& config_;
  const TlsFiles tls_;
  const absl::Time now_;
};

void Checks::Certificate() {
  const auto pem = ReadPublicFile(tls_.certificate_path);
  const auto ca = ReadPublicFile(config_.Key("ca.pem"));
  if (!pem.ok() || !ca.ok()) {
    return Fail("certificate", std::string((pem.ok() ? ca.status() : pem.status()).message()),
                "node.doctor.certificate.do");
  }
  if (const absl::Status key = ReadPrivateFile(tls_.key_path).status(); !key.ok()) {
    return Fail("certificate", std::string(key.message()), "node.doctor.certificate.do");
  }
  const auto facts = ReadCertificate(*pem);
  if (!facts.ok())
    return Fail("certificate", std::string(facts.status().message()), "node.doctor.certificate.do");
  const std::string expected = MemberId{config_.federation, v1::ROLE_ARCHIVE, config_.archive}.ToSpiffeId();
  if (facts->spiffe_id != expected) {
    return Fail("certificate", absl::StrCat("it names ", facts->spiffe_id, ", node.toml says ", expected),
                "node.doctor.certificate.do");
  }
  // At a moment when it was valid: expiry is another check with another remedy.
  const absl::Status chain = VerifyChain(*pem, *ca, facts->not_before + absl::Minutes(10));
  if (!chain.ok()) return Fail("certificate", std::string(chain.message()), "node.doctor.certificate.do");
  Pass("certificate", expected);
  Expiry(*facts);
}

void Checks::Expiry(const CertificateFacts& facts) {
  if (now_ < facts.not_before) {
    return Fail("clock",
                absl::StrCat("this machine's clock is before our certificate's start: ", UtcText(now_), " < ",
                             UtcText(facts.not_before)),
                "node.doctor.clock.do");
  }
  const absl::Duration left = facts.not_after - now_;
  const std::string until = absl::StrCat("valid until ", UtcText(facts.not_after));
  if (left < absl::ZeroDuration())
    return Fail("expiry", absl::StrCat("expired: ", until), "node.doctor.certificate.do");
  const std::string days = absl::StrCat(absl::ToInt64Hours(left) / 24, " days left, ", until);
  if (left < (facts.not_after - facts.not_before) / kWarnWithFractionLeft)
    return Warn("expiry", days, "node.doctor.renewal.do");
  Pass("expiry", days);
}

bool Checks::Names() {
  const auto parts = SplitAddress(config_.proxy.empty() ? config_.address : config_.proxy);
  const auto addresses = parts.ok() ? Resolve(parts->first) : absl::StatusOr<std::string>(parts.status());
  if (!addresses.ok()) {
    Fail("name", std::string(addresses.status().message()), "node.doctor.name.do");
    return false;
  }
  Pass("name", absl::StrCat(parts->first, " = ", *addresses));
  return true;
}

absl::StatusOr<FileDescriptor> Checks::Reach() {
  auto connection = ConnectTcp(config_.proxy.empty() ? config_.address : config_.proxy);
  if (!connection.ok()) {
    Fail("reachability", std::string(connection.status().message()), "node.doctor.reach.do");
    return connection;
  }
  Pass("reachability", config_.proxy.empty() ? config_.address : config_.proxy);
  if (config_.proxy.empty()) {
    Pass("proxy", "none configured");
    return connection;
  }
  if (const absl::Status passed = AskProxy(*connection, config_.address); !passed.ok()) {
    Fail("proxy", std::string(passed.message()), "node.doctor.proxy.do");
    return passed;
  }
  Pass("proxy", absl::StrCat("passes on to ", config_.address));
  return connection;
}

void Checks::Network() {
  if (!Names()) return;
  const auto connection = Reach();
  if (!connection.ok()) return;
  const auto facts = ProbeTls(*connection, tls_.certificate_path, tls_.key_path, config_.Key("ca.pem"));
  if (!facts.ok()) return Fail("tls", std::string(facts.status().message()), "node.doctor.tls.do");
  Tls(*facts);
  const auto federation = AskFederationStatus({.address = config_.address,
                                               .federation = config_.federation,
                                               .certificate_path = tls_.certificate_path,
                                               .key_path = tls_.key_path,
                                               .ca_path = config_.Key("ca.pem"),
                                               .proxy = config_.proxy});
  if (!federation.ok())
    return Fail("coordinator", std::string(federation.status().message()), "node.doctor.answer.do");
  if (federation->log_vkey() != config_.log_vkey) {
    return Fail("coordinator", "its ledger is another one than at enrolment", "node.doctor.peer.do");
  }
  Pass("coordinator", absl::StrCat("answers, version ", federation->software_version()));
}

void Checks::Tls(const TlsFacts& facts) {
  Pass("tls", facts.version);
  const std::string validity =
      absl::StrCat(UtcText(facts.server.not_before), " to ", UtcText(facts.server.not_after));
  if (now_ < facts.server.not_before || now_ > facts.server.not_after) {
    Fail("clock",
         absl::StrCat("the coordinator's certificate is valid ", validity, ", this machine's clock says ",
                      UtcText(now_)),
         "node.doctor.clock.do");
  } else {
    Pass("clock", UtcText(now_));
  }
  if (facts.chain_problem.empty()) {
    Pass("chain", "leads to the federation's authority");
  } else {
    Fail("chain", facts.chain_problem, "node.doctor.tls.do");
  }
  const std::string expected = CoordinatorSpiffeId(config_.federation);
  if (facts.server.spiffe_id == expected) {
    Pass("san", expected);
  } else {
    Fail("san", absl::StrCat("found '", facts.server.spiffe_id, "', expected ", expected),
         "node.doctor.peer.do");
  }
  if (facts.alpn == "h2") {
    Pass("alpn", "h2");
  } else {
    Fail("alpn", absl::StrCat("found '", facts.alpn, "', expected h2"), "node.doctor.alpn.do");
  }
}

void Checks::Disk() {
  const uint64_t free_bytes = FreeDiskBytes(config_.state_directory);
  const uint64_t needed = std::max(kLeastFreeBytes, config_.policy.max_update_bytes * kUpdateCopies);
  const std::string found = absl::StrCat(free_bytes >> 20, " MiB free, ", needed >> 20,
                                         " MiB wanted for the largest "
                                         "update that the policy allows");
  if (free_bytes < config_.policy.max_update_bytes) return Fail("disk", found, "node.doctor.disk.do");
  if (free_bytes < needed) return Warn("disk", found, "node.doctor.disk.do");
  Pass("disk", found);
}

void Checks::Sandbox() {
  const SandboxSupport support = ProbeSandboxSupport();
  const std::string found = absl::StrCat("Landlock ABI ", support.landlock_abi, ", seccomp filters ",
                                         support.seccomp_filters ? "yes" : "no");
  if (support.landlock_abi == 0 || !support.seccomp_filters)
    return Fail("sandbox", found, "node.doctor.sandbox.do");
  Pass("sandbox", found);
}

void Checks::Congestion() {
  std::ifstream file("/proc/sys/net/ipv4/tcp_congestion_control");
  std::string algorithm;
  if (!(file >> algorithm)) algorithm = "unknown";
  if (algorithm == "bbr") return Pass("congestion", algorithm);
  Warn("congestion", algorithm, "node.doctor.congestion.do");
}

void Checks::Trainer() {
  const auto status = AskNodeStatus(config_.control_socket);
  if (!status.ok()) return Warn("trainer", std::string(status.status().message()), "node.doctor.trainer.do");
  if (!status->trainer_ready())
    return Fail("trainer", "the daemon runs, its trainer does not answer", "node.doctor.trainer.do");
  Pass("trainer", absl::StrCat("answers, ", status->trainer().sandboxed() ? "sandboxed" : "NOT sandboxed"));

  uint64_t recordings = 0;
  for (const v1::TraditionSupply& supply : status->trainer().supplies()) {
    recordings += supply.training_recordings() + supply.holdout_recordings();
  }
  std::vector<std::string> problems;
  for (const v1::RecordingProblem& problem : status->trainer().problems()) {
    if (problems.size() == kMaxShownProblems) break;
    problems.push_back(absl::StrCat(problem.recording_id(), " ", problem.code()));
  }
  const int unusable = status->trainer().problems_size();
  std::string found = absl::StrCat(recordings, " usable, ", unusable, " not");
  if (!problems.empty()) absl::StrAppend(&found, ": ", absl::StrJoin(problems, ", "));
  const auto& unusable_ones = status->trainer().problems();
  if (std::any_of(unusable_ones.begin(), unusable_ones.end(),
                  [](const v1::RecordingProblem& problem) { return problem.code() == kNoConsent; })) {
    return Fail("consent", "the operator has not declared it: no recording is used",
                "node.doctor.consent.do");
  }
  if (recordings == 0) return Fail("recordings", found, "node.doctor.recordings.do");
  if (unusable > 0) return Warn("recordings", found, "node.doctor.recordings.do");
  Pass("recordings", found);
}

}  // namespace

std::vector<CheckResult> RunChecks(const NodeConfig& config, absl::Time now) {
  Checks checks(config, now);
  checks.Certificate();
  checks.Network();
  checks.Disk();
  checks.Sandbox();
  checks.Congestion();
  checks.Trainer();
  return std::move(checks.results);
}

const char* WordOf(CheckResult::Verdict verdict) {
  switch (verdict) {
    case CheckResult::Verdict::kPass:
      return "PASS";
    case CheckResult::Verdict::kWarn:
      return "WARN";
    case CheckResult::Verdict::kFail:
      break;
  }
  return "FAIL";
}

}  // namespace consort::node
