// consort enrol INVITATION
#include <memory>

#include "absl/strings/str_cat.h"
#include "cli/commands/commands.h"
#include "cli/rpc/coordinator_client.h"
#include "common/crypto/certificate.h"
#include "common/messages/message_catalogue.h"
#include "common/rpc/invitation.h"
#include "common/rpc/member_id.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

struct Options {
  std::string invitation;
  std::string proxy;
};

Profile ProfileOf(const Options& options, const Invitation& invitation, const v1::EnrolResponse& answer) {
  Profile profile;
  profile.address = invitation.address;
  profile.proxy = options.proxy;
  profile.federation = answer.federation();
  profile.project = answer.project();
  profile.role = std::string(RoleWord(invitation.role));
  profile.name = invitation.name;
  profile.ledger_origin = answer.ledger_origin();
  profile.log_vkey = answer.log_vkey();
  profile.coordinator_entry_vkey = answer.coordinator_entry_vkey();
  return profile;
}

absl::StatusOr<ExitCode> Run(const Options& options, CommandContext& context) {
  ASSIGN_OR_RETURN(const Invitation invitation, ParseInvitation(options.invitation));
  if (invitation.role == v1::ROLE_ARCHIVE) {
    return absl::InvalidArgumentError(
        absl::StrCat("this invitation is for an archive's node; run `consort-node enrol` on the archive's "
                     "machine: archive ",
                     invitation.name));
  }
  // Asked before the token is spent: it is good only once.
  if (context.profile().ok()) {
    return absl::AlreadyExistsError(absl::StrCat(
        "somebody has enrolled with this profile; give another --profile: ", context.profile_directory()));
  }
  ASSIGN_OR_RETURN(const std::string key_pem, GenerateTlsKeyPem());
  v1::EnrolRequest request;
  request.set_token(invitation.token);
  request.set_name(invitation.name);
  ASSIGN_OR_RETURN(*request.mutable_csr_pem(), MakeCertificateRequest(key_pem));
  ASSIGN_OR_RETURN(const v1::EnrolResponse answer, Enrol(invitation, request, options.proxy));
  const Profile profile = ProfileOf(options, invitation, answer);
  RETURN_IF_ERROR(WriteProfile(context.profile_directory(), profile,
                               {answer.certificate_pem(), key_pem, answer.ca_pem()}));
  context.printer().Note(Message("cli.enrol.done", {{"role", profile.role},
                                                    {"name", profile.name},
                                                    {"federation", profile.federation},
                                                    {"directory", context.profile_directory()}}));
  context.printer().Record({{"federation", profile.federation},
                            {"project", profile.project},
                            {"role", profile.role},
                            {"name", profile.name},
                            {"coordinator", profile.address},
                            {"ledger_origin", profile.ledger_origin},
                            {"log_vkey", profile.log_vkey},
                            {"profile", context.profile_directory()}});
  return ExitCode::kOk;
}

}  // namespace

void AddEnrol(CommandSet& commands) {
  auto options = std::make_shared<Options>();
  CommandSyntax syntax = commands.Add("enrol", "", "Join a federation with an invitation",
                                      "consort enrol consort-invite-1.eyJhIjoi...",
                                      [options](CommandContext& context) { return Run(*options, context); });
  syntax.Positional("invitation", options->invitation, "The line that an operator sent");
  syntax.Option("--proxy", options->proxy, "HTTP CONNECT proxy, HOST:PORT");
}

}  // namespace consort::cli
