// consort node list
#include <memory>

#include "cli/commands/commands.h"
#include "cli/member_view.h"
#include "cli/rpc/coordinator_client.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

absl::StatusOr<ExitCode> Run(const std::string& role, CommandContext& context) {
  v1::ListMembersRequest request;
  if (role != "all") {
    ASSIGN_OR_RETURN(const v1::Role known, RoleFromWord(role));
    request.set_role(known);
  }
  ASSIGN_OR_RETURN(CoordinatorClient* const coordinator, context.coordinator());
  ASSIGN_OR_RETURN(const v1::ListMembersResponse answer, coordinator->ListMembers(request));
  Json rows = Json::array();
  for (const v1::Member& member : answer.members()) rows.push_back(MemberRecord(member));
  context.printer().List({"name", "role", "connection", "revoked", "software_version"}, rows);
  return ExitCode::kOk;
}

}  // namespace

void AddNodeList(CommandSet& commands) {
  auto role = std::make_shared<std::string>("archive");
  CommandSyntax syntax =
      commands.Add("node", "list", "Archives and whether they are connected", "consort node list --role all",
                   [role](CommandContext& context) { return Run(*role, context); });
  syntax.Option("--role", *role, "archive, researcher, auditor, operator or all",
                {"archive", "researcher", "auditor", "operator", "all"});
}

}  // namespace consort::cli
