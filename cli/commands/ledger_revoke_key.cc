// consort ledger revoke-key VKEY --reason CODE
#include <memory>

#include "absl/strings/str_cat.h"
#include "cli/commands/commands.h"
#include "cli/rpc/coordinator_client.h"
#include "common/crypto/signing_key.h"
#include "common/messages/message_catalogue.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

struct Options {
  std::string vkey;
  std::string reason;
  bool really = false;
};

absl::StatusOr<ExitCode> Run(const Options& options, CommandContext& context) {
  ASSIGN_OR_RETURN(const VerifierKey key, VerifierKey::Parse(options.vkey));
  const Printer& printer = context.printer();
  Json record = {{"key", key.KeyId()}, {"reason", options.reason}, {"revoked", options.really}};
  if (!options.really) {
    printer.Note(Message("cli.ledger.revoke-key-preview", {{"key", key.KeyId()}}));
    printer.Record(record);
    return ExitCode::kOk;
  }
  v1::RevokeKeyRequest request;
  request.set_vkey(options.vkey);
  request.set_reason(options.reason);
  ASSIGN_OR_RETURN(CoordinatorClient* const coordinator, context.coordinator());
  ASSIGN_OR_RETURN(const v1::RevokeKeyResponse answer, coordinator->RevokeKey(request));
  record["entry"] = answer.leaf_index();
  printer.Note(Message("cli.ledger.key-revoked",
                       {{"key", key.KeyId()}, {"entry", absl::StrCat(answer.leaf_index())}}));
  printer.Record(record);
  return ExitCode::kOk;
}

}  // namespace

void AddLedgerRevokeKey(CommandSet& commands) {
  auto options = std::make_shared<Options>();
  CommandSyntax syntax = commands.Add(
      "ledger", "revoke-key",
      "Declare one key of the ledger bad: for ever, at once and in public; without --yes only a preview "
      "(operators)",
      "consort ledger revoke-key archive-uk-1.example.org/mirror+79e9e5e4+BD1A... --reason lost-key --yes",
      [options](CommandContext& context) { return Run(*options, context); });
  syntax.Positional("key", options->vkey, "The whole verifier key, as `keys/` of an export shows it");
  syntax.RequiredOption("--reason", options->reason,
                        "lost-key, left, misbehaved or superseded: public, in the ledger",
                        {"lost-key", "left", "misbehaved", "superseded"});
  syntax.Flag("--yes", options->really, "Revoke it; without it nothing is changed");
}

}  // namespace consort::cli
