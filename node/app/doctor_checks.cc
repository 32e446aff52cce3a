#include "node/app/doctor_checks.h"

#include <algorithm>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/crypto/certificate.h"
#include "common/crypto/key_file.h"
#include "common/messages/message_catalogue.h"
#include "common/rpc/member_id.h"
#include "common/sandbox/sandbox.h"
#include "node/app/command_output.h"
#include "node/app/network_checks.h"
#include "node/daemon/tls_identity.h"
#include "node/rpc/control_client.h"
#include "node/state/state_files.h"

namespace consort::node {
namespace {

// The daemon renews with a third of the lifetime left, give or take its jitter: later, something is wrong.
constexpr int kWarnWithFractionLeft = 4;
constexpr uint64_t kLeastFreeBytes = uint64_t{1} << 30;
constexpr int kUpdateCopies = 3;  // values, payload, and the artifact it was trained from
constexpr int kMaxShownProblems = 20;
constexpr char kNoConsent[] = "no-consent";  // as the trainer says it

void CheckExpiry(const CertificateFacts& facts, absl::Time now, CheckList& list) {
  if (now < facts.not_before) {
    return list.Fail("clock",
                     Message("node.doctor.found.clock-behind",
                             {{"now", UtcText(now)}, {"start", UtcText(facts.not_before)}}),
                     "node.doctor.clock.do");
  }
  const absl::Duration left = facts.not_after - now;
  const std::string until = UtcText(facts.not_after);
  if (left < absl::ZeroDuration()) {
    return list.Fail("expiry", Message("node.doctor.found.expired", {{"until", until}}),
                     "node.doctor.certificate.do");
  }
  const std::string found = Message(
      "node.doctor.found.valid", {{"days", absl::StrCat(absl::ToInt64Hours(left) / 24)}, {"until", until}});
  if (left < (facts.not_after - facts.not_before) / kWarnWithFractionLeft) {
    return list.Warn("expiry", found, "node.doctor.renewal.do");
  }
  list.Pass("expiry", found);
}

void CheckCertificate(const NodeConfig& config, const TlsFiles& tls, absl::Time now, CheckList& list) {
  const auto pem = ReadPublicFile(tls.certificate_path);
  const auto ca = ReadPublicFile(config.Key("ca.pem"));
  if (!pem.ok() || !ca.ok()) {
    return list.Fail("certificate", std::string((pem.ok() ? ca.status() : pem.status()).message()),
                     "node.doctor.certificate.do");
  }
  if (const absl::Status key = ReadPrivateFile(tls.key_path).status(); !key.ok()) {
    return list.Fail("certificate", std::string(key.message()), "node.doctor.certificate.do");
  }
  const auto facts = ReadCertificate(*pem);
  if (!facts.ok())
    return list.Fail("certificate", std::string(facts.status().message()), "node.doctor.certificate.do");
  const std::string expected = MemberId{config.federation, v1::ROLE_ARCHIVE, config.archive}.ToSpiffeId();
  if (facts->spiffe_id != expected) {
    return list.Fail(
        "certificate",
        Message("node.doctor.found.other-name", {{"found", facts->spiffe_id}, {"expected", expected}}),
        "node.doctor.certificate.do");
  }
  // At a moment when it was valid: expiry is another check with another remedy.
  const absl::Status chain = VerifyChain(*pem, *ca, facts->not_before + absl::Minutes(10));
  if (!chain.ok())
    return list.Fail("certificate", std::string(chain.message()), "node.doctor.certificate.do");
  list.Pass("certificate", expected);
  CheckExpiry(*facts, now, list);
}

void CheckDisk(const NodeConfig& config, CheckList& list) {
  const uint64_t free_bytes = FreeDiskBytes(config.state_directory);
  const uint64_t needed = std::max(kLeastFreeBytes, config.policy.max_update_bytes * kUpdateCopies);
  const std::string found = Message("node.doctor.found.disk", {{"free", absl::StrCat(free_bytes >> 20)},
                                                               {"needed", absl::StrCat(needed >> 20)}});
  if (free_bytes < config.policy.max_update_bytes) return list.Fail("disk", found, "node.doctor.disk.do");
  if (free_bytes < needed) return list.Warn("disk", found, "node.doctor.disk.do");
  list.Pass("disk", found);
}

void CheckSandbox(CheckList& list) {
  const SandboxSupport support = ProbeSandboxSupport();
  const std::string found = Message(
      "node.doctor.found.sandbox",
      {{"abi", absl::StrCat(support.landlock_abi)}, {"seccomp", support.seccomp_filters ? "yes" : "no"}});
  if (support.landlock_abi == 0 || !support.seccomp_filters)
    return list.Fail("sandbox", found, "node.doctor.sandbox.do");
  list.Pass("sandbox", found);
}

void CheckCongestion(CheckList& list) {
  std::ifstream file("/proc/sys/net/ipv4/tcp_congestion_control");
  std::string algorithm;
  if (!(file >> algorithm)) algorithm = "unknown";
  if (algorithm == "bbr") return list.Pass("congestion", algorithm);
  list.Warn("congestion", algorithm, "node.doctor.congestion.do");
}

void CheckRecordings(const v1::DescribeResponse& trainer, CheckList& list) {
  const auto& problems = trainer.problems();
  if (std::any_of(problems.begin(), problems.end(),
                  [](const v1::RecordingProblem& problem) { return problem.code() == kNoConsent; })) {
    return list.Fail("consent", Message("node.doctor.found.no-consent"), "node.doctor.consent.do");
  }
  uint64_t recordings = 0;
  for (const v1::TraditionSupply& supply : trainer.supplies()) {
    recordings += supply.training_recordings() + supply.holdout_recordings();
  }
  std::vector<std::string> shown;
  for (const v1::RecordingProblem& problem : problems) {
    if (shown.size() == kMaxShownProblems) break;
    shown.push_back(absl::StrCat(problem.recording_id(), " ", problem.code()));
  }
  const int unusable = problems.size();
  std::string found = Message("node.doctor.found.recordings",
                              {{"usable", absl::StrCat(recordings)}, {"unusable", absl::StrCat(unusable)}});
  if (!shown.empty()) absl::StrAppend(&found, ": ", absl::StrJoin(shown, ", "));
  if (recordings == 0) return list.Fail("recordings", found, "node.doctor.recordings.do");
  if (unusable > 0) return list.Warn("recordings", found, "node.doctor.recordings.do");
  list.Pass("recordings", found);
}

// A daemon that does not run is told of under `trainer`.
void CheckLedger(const absl::StatusOr<v1::NodeStatus>& status, CheckList& list) {
  if (!status.ok()) return;
  std::vector<std::string> open;
  for (const v1::NodeIncident& incident : status->incidents()) {
    if (!incident.resolved()) open.push_back(absl::StrCat(incident.id(), " ", incident.kind()));
  }
  if (!open.empty()) {
    return list.Fail("ledger",
                     Message("node.doctor.found.incidents", {{"incidents", absl::StrJoin(open, ", ")}}),
                     "node.doctor.ledger.do");
  }
  list.Pass("ledger",
            Message("node.doctor.found.mirror", {{"entries", absl::StrCat(status->mirror_size())}}));
}

void CheckTrainer(const absl::StatusOr<v1::NodeStatus>& status, CheckList& list) {
  if (!status.ok())
    return list.Warn("trainer", std::string(status.status().message()), "node.doctor.trainer.do");
  if (!status->trainer_ready())
    return list.Fail("trainer", Message("node.doctor.found.trainer-silent"), "node.doctor.trainer.do");
  list.Pass("trainer", Message(status->trainer().sandboxed() ? "node.doctor.found.trainer-sandboxed"
                                                             : "node.doctor.found.trainer-free"));
  CheckRecordings(status->trainer(), list);
}

}  // namespace

std::vector<CheckResult> RunChecks(const NodeConfig& config, absl::Time now) {
  const TlsFiles tls =
      NewestTlsFiles(config.enrolled_tls(), config.tls_identity_path()).value_or(config.enrolled_tls());
  CheckList list;
  CheckCertificate(config, tls, now, list);
  CheckNetwork(config, tls, now, list);
  CheckDisk(config, list);
  CheckSandbox(list);
  CheckCongestion(list);
  const auto status = AskNodeStatus(config.control_socket);
  CheckLedger(status, list);
  CheckTrainer(status, list);
  return std::move(list).Finish();
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
