// A witness policy: whether its quorums leave a log that lies room for two histories.
#ifndef CONSORT_CLI_LEDGER_AUDIT_CHECK_POLICY_H_
#define CONSORT_CLI_LEDGER_AUDIT_CHECK_POLICY_H_

#include <string>

#include "absl/status/statusor.h"
#include "cli/ledger_audit/trust.h"
#include "cli/printer.h"
#include "common/status/exit_code.h"

namespace consort::cli {

struct CheckPolicyOptions {
  std::string policy;              // path
  std::string faulty = "default";  // how many dishonest witnesses; default: floor((n - 1) / 3)
  LanguageOption language;
};
void DeclareCheckPolicy(CommandSyntax& syntax, CheckPolicyOptions& options);

// Prints how many witnesses any two quorums share at least, and two that share no more. kVerificationFailed
// unless that is more than `faulty`. Errors: as Policy::Parse and ReadPublicFile; InvalidArgument for a
// `faulty` that is no number.
absl::StatusOr<ExitCode> CheckPolicy(const CheckPolicyOptions& options, const Printer& printer);

}  // namespace consort::cli

#endif  // CONSORT_CLI_LEDGER_AUDIT_CHECK_POLICY_H_
