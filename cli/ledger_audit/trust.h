// Whom an auditor believes: log keys, a witness policy, and a clock. The options that say so, and what they
// come to.
#ifndef CONSORT_CLI_LEDGER_AUDIT_TRUST_H_
#define CONSORT_CLI_LEDGER_AUDIT_TRUST_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/command_syntax.h"
#include "common/crypto/signing_key.h"
#include "common/ledger/cosigned_state.h"
#include "common/ledger/policy.h"
#include "common/messages/message_catalogue.h"

namespace consort::cli {

struct TrustOptions {
  std::vector<std::string> log_keys;  // verifier keys, or @FILE with one a line
  std::string policy;                 // path of a C2SP tlog-policy file; empty: none
  uint64_t now = 0;                   // Unix seconds; 0: this computer's clock
  uint64_t max_age_hours = 0;         // 0: any age
};
// --log-key and --policy; --now and --max-age.
void DeclareTrust(CommandSyntax& syntax, TrustOptions& options);
void DeclareClock(CommandSyntax& syntax, TrustOptions& options);

// The text of --policy; empty if none was given. Errors: as ReadPublicFile, naming the file.
absl::StatusOr<std::string> PolicyText(const TrustOptions& options);
// --log-key, files read, and the log keys of --policy; may be empty. Errors: InvalidArgument naming key or
// file; as ReadPublicFile.
absl::StatusOr<std::vector<VerifierKey>> TrustedLogKeys(const TrustOptions& options);
// --policy, or a policy of --log-key that asks for no witness. Errors: InvalidArgument if neither is given;
// as TrustedLogKeys.
absl::StatusOr<ledger::Policy> TrustedPolicy(const TrustOptions& options);
// Cosignatures are judged by --now or this computer's clock, as an auditor sees it.
ledger::ClockRule ClockOf(const TrustOptions& options);

// "--lang en|zh-Hans": the language of what a command says about its result.
struct LanguageOption {
  std::string tag = "en";
  Language language() const { return tag == "en" ? Language::kEnglish : Language::kChinese; }
};
void DeclareLanguage(CommandSyntax& syntax, LanguageOption& option);

}  // namespace consort::cli

#endif  // CONSORT_CLI_LEDGER_AUDIT_TRUST_H_
