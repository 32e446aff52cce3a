// consort node revoke NAME --reason CODE
#include <memory>

#include "cli/commands/commands.h"
#include "cli/member_view.h"
#include "cli/rpc/coordinator_client.h"
#include "common/messages/message_catalogue.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

struct Options {
  std::string name;
  std::string role = "archive";
  std::string reason;
};

absl::StatusOr<ExitCode> Run(const Options& options, CommandContext& context) {
  v1::RevokeMemberRequest request;
  request.set_name(options.name);
  request.set_reason(options.reason);
  ASSIGN_OR_RETURN(const v1::Role role, RoleFromWord(options.role));
  request.set_role(role);
  ASSIGN_OR_RETURN(CoordinatorClient* const coordinator, context.coordinator());
  ASSIGN_OR_RETURN(const v1::Member member, coordinator->RevokeMember(request));
  context.printer().Note(Message("cli.node.revoked", {{"role", options.role}, {"name", options.name}}));
  context.printer().Record(MemberRecord(member));
  return ExitCode::kOk;
}

}  // namespace

void AddNodeRevoke(CommandSet& commands) {
  auto options = std::make_shared<Options>();
  CommandSyntax syntax =
      commands.Add("node", "revoke", "Withdraw a member's certificate and end its sessions (operators)",
                   "consort node revoke archive-uk-1 --reason lost-key",
                   [options](CommandContext& context) { return Run(*options, context); });
  syntax.Positional("name", options->name, "The member's name");
  syntax.Option("--role", options->role, "archive (default), researcher, auditor or operator",
                {"archive", "researcher", "auditor", "operator"});
  syntax.RequiredOption("--reason", options->reason,
                        "lost-key, left, misbehaved or superseded: public, in the ledger",
                        {"lost-key", "left", "misbehaved", "superseded"});
}

}  // namespace consort::cli
