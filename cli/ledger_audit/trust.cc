#include "cli/ledger_audit/trust.h"

#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/crypto/key_file.h"
#include "common/ledger/export_layout.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

constexpr uint64_t kLatest = std::numeric_limits<int64_t>::max() / 2;  // far beyond any clock
constexpr uint64_t kMaxHours = 24 * 366 * 100;                         // a century

absl::StatusOr<ledger::Policy> ParsePolicyFile(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadPublicFile(path, ledger::kMaxPolicyBytes));
  absl::StatusOr<ledger::Policy> policy = ledger::Policy::Parse(text);
  if (policy.ok()) return policy;
  return absl::Status(policy.status().code(), absl::StrCat(path, ": ", policy.status().message()));
}

}  // namespace

void DeclareTrust(CommandSyntax& syntax, TrustOptions& options) {
  syntax.Repeated("--log-key", options.log_keys,
                  "Key of the log that you trust, or @FILE with one a line (repeatable)");
  syntax.Option("--policy", options.policy,
                "File that names the log and the witnesses that you trust, and how many must have cosigned "
                "(C2SP tlog-policy)");
}

void DeclareClock(CommandSyntax& syntax, TrustOptions& options) {
  syntax.Option("--now", options.now, 1, kLatest,
                "Unix seconds by which witnesses' clocks are judged (default: this computer's clock)");
  syntax.Option("--max-age", options.max_age_hours, 1, kMaxHours,
                "Hours: the newest cosignature must not be older (default: any age)");
}

absl::StatusOr<std::string> PolicyText(const TrustOptions& options) {
  if (options.policy.empty()) return std::string();
  return ReadPublicFile(options.policy, ledger::kMaxPolicyBytes);
}

absl::StatusOr<std::vector<VerifierKey>> TrustedLogKeys(const TrustOptions& options) {
  std::vector<VerifierKey> keys;
  for (const std::string& given : options.log_keys) {
    absl::string_view path = given;
    ASSIGN_OR_RETURN(const std::vector<VerifierKey> more, absl::ConsumePrefix(&path, "@")
                                                              ? ledger::ReadVerifierKeys(std::string(path))
                                                              : ledger::ParseVerifierKeys({given}));
    keys.insert(keys.end(), more.begin(), more.end());
  }
  if (!options.policy.empty()) {
    ASSIGN_OR_RETURN(const ledger::Policy policy, ParsePolicyFile(options.policy));
    keys.insert(keys.end(), policy.log_keys().begin(), policy.log_keys().end());
  }
  return keys;
}

absl::StatusOr<ledger::Policy> TrustedPolicy(const TrustOptions& options) {
  if (!options.policy.empty()) return ParsePolicyFile(options.policy);
  ASSIGN_OR_RETURN(const std::vector<VerifierKey> keys, TrustedLogKeys(options));
  if (keys.empty())
    return absl::InvalidArgumentError("nobody is trusted; give --policy FILE or --log-key KEY");
  std::string text;
  for (const VerifierKey& key : keys) absl::StrAppend(&text, "log ", key.ToString(), "\n");
  return ledger::Policy::Parse(text + "\nquorum none\n");
}

ledger::ClockRule ClockOf(const TrustOptions& options) {
  ledger::ClockRule clock;
  clock.now = options.now == 0 ? absl::Now() : absl::FromUnixSeconds(static_cast<int64_t>(options.now));
  if (options.max_age_hours != 0) clock.max_age = absl::Hours(static_cast<int64_t>(options.max_age_hours));
  return clock;
}

void DeclareLanguage(CommandSyntax& syntax, LanguageOption& option) {
  syntax.Option("--lang", option.tag, "Language of the result: en (default) or zh-Hans", {"en", "zh-Hans"});
}

}  // namespace consort::cli
