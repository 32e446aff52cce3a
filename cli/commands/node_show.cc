// consort node show NAME
#include <memory>

#include "cli/commands/commands.h"
#include "cli/member_view.h"
#include "cli/rpc/coordinator_client.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

struct Options {
  std::string name;
  std::string role = "archive";
};

absl::StatusOr<ExitCode> Run(const Options& options, CommandContext& context) {
  v1::GetMemberRequest request;
  request.set_name(options.name);
  ASSIGN_OR_RETURN(const v1::Role role, RoleFromWord(options.role));
  request.set_role(role);
  ASSIGN_OR_RETURN(CoordinatorClient* const coordinator, context.coordinator());
  ASSIGN_OR_RETURN(const v1::Member member, coordinator->GetMember(request));
  context.printer().Record(MemberRecord(member));
  return ExitCode::kOk;
}

}  // namespace

void AddNodeShow(CommandSet& commands) {
  auto options = std::make_shared<Options>();
  CommandSyntax syntax = commands.Add("node", "show", "One member: certificate, keys, connection",
                                      "consort node show archive-uk-1",
                                      [options](CommandContext& context) { return Run(*options, context); });
  syntax.Positional("name", options->name, "The member's name");
  syntax.Option("--role", options->role, "archive (default), researcher, auditor or operator",
                {"archive", "researcher", "auditor", "operator"});
}

}  // namespace consort::cli
