// consort-verify policy FILE
#include <memory>

#include "cli/ledger_audit/check_policy.h"
#include "cli/verify/commands.h"

namespace consort::cli {

void AddVerifyPolicy(VerifyCommandSet& commands) {
  auto options = std::make_shared<CheckPolicyOptions>();
  CommandSyntax syntax =
      commands.Add("policy", "How many witnesses must lie together before a log can",
                   {"consort-verify policy ledger/keys/policy --faulty 1"},
                   [options](const Printer& printer) { return CheckPolicy(*options, printer); });
  DeclareCheckPolicy(syntax, *options);
}

}  // namespace consort::cli
