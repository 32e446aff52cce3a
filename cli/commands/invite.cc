// consort invite archive|researcher|auditor|operator NAME
#include <memory>

#include "absl/time/time.h"
#include "cli/commands/commands.h"
#include "cli/rpc/coordinator_client.h"
#include "common/messages/message_catalogue.h"
#include "common/rpc/member_id.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

struct Options {
  std::string role;
  std::string name;
  uint64_t hours = 72;
};

absl::StatusOr<ExitCode> Run(const Options& options, CommandContext& context) {
  v1::CreateInvitationRequest request;
  ASSIGN_OR_RETURN(const v1::Role role, RoleFromWord(options.role));
  request.set_role(role);
  request.set_name(options.name);
  request.set_valid_hours(static_cast<uint32_t>(options.hours));
  ASSIGN_OR_RETURN(CoordinatorClient* const coordinator, context.coordinator());
  ASSIGN_OR_RETURN(const v1::CreateInvitationResponse answer, coordinator->CreateInvitation(request));
  const std::string expires = absl::FormatTime(
      "%Y-%m-%d %H:%M %Z", absl::FromUnixSeconds(answer.expires_unix_seconds()), absl::LocalTimeZone());
  context.printer().Note(
      Message("cli.invite.done", {{"role", options.role}, {"name", options.name}, {"expires", expires}}));
  if (context.printer().format() == Format::kTable) {
    context.printer().Raw(answer.invitation() + "\n");  // one line, ready to be copied
  } else {
    context.printer().Record({{"invitation", answer.invitation()},
                              {"role", options.role},
                              {"name", options.name},
                              {"expires_unix_seconds", answer.expires_unix_seconds()}});
  }
  return ExitCode::kOk;
}

}  // namespace

void AddInvite(CommandSet& commands) {
  auto options = std::make_shared<Options>();
  CommandSyntax syntax = commands.Add("invite", "", "Make an invitation for one member (operators)",
                                      "consort invite archive archive-uk-1 --hours 24",
                                      [options](CommandContext& context) { return Run(*options, context); });
  syntax.Positional("role", options->role, "archive, researcher, auditor or operator",
                    {"archive", "researcher", "auditor", "operator"});
  syntax.Positional("name", options->name, "1 to 40 of a-z, 0-9 and '-'");
  syntax.Option("--hours", options->hours, 1, 720, "How long it is good (1 to 720)");
}

}  // namespace consort::cli
