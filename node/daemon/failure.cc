#include "node/daemon/failure.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace consort::node {
namespace {

constexpr size_t kMaxDetailBytes = 500;  // shown in one line of a report

constexpr const char* kKnownCodes[] = {
    "trainer-crashed",    "trainer-stuck",        "trainer-refused", "no-usable-recording", "no-consent",
    "wrong-architecture", kFailureDamaged,        kFailureDiskFull,  kFailureNotFinite,     kFailurePolicy,
    kFailureLedger,       kFailureLedgerUnproved, kFailureInternal};

}  // namespace

absl::Status FailureStatus(absl::StatusCode status_code, absl::string_view code, absl::string_view detail) {
  return absl::Status(status_code, absl::StrCat(code, ": ", detail));
}

absl::Status CheckNoIncident(const Incidents& incidents) {
  const std::string incident = incidents.OpenId();
  if (incident.empty()) return absl::OkStatus();
  return FailureStatus(
      absl::StatusCode::kFailedPrecondition, kFailureLedger,
      absl::StrCat("the archive holds an incident against the ledger and does not contribute: ", incident));
}

absl::string_view FailureCodeOf(const absl::Status& status) {
  for (const absl::string_view code : kKnownCodes) {
    if (!absl::StartsWith(status.message(), code)) continue;
    const absl::string_view rest = status.message().substr(code.size());
    if (rest.empty() || rest[0] == ':' || rest[0] == ' ') return code;
  }
  if (absl::IsResourceExhausted(status)) return kFailureDiskFull;
  if (absl::IsDataLoss(status)) return kFailureDamaged;
  return kFailureInternal;
}

v1::TaskFailure MakeTaskFailure(absl::string_view id, const absl::Status& status) {
  v1::TaskFailure failure;
  failure.set_id(std::string(id));
  failure.set_code(std::string(FailureCodeOf(status)));
  failure.set_detail(std::string(status.message().substr(0, kMaxDetailBytes)));
  return failure;
}

}  // namespace consort::node
