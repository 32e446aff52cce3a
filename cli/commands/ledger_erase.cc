// consort ledger erase COMMITMENT --ground CODE
#include <memory>

#include "absl/strings/str_cat.h"
#include "cli/commands/commands.h"
#include "cli/rpc/coordinator_client.h"
#include "common/crypto/digest.h"
#include "common/messages/message_catalogue.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

struct Options {
  std::string commitment;
  std::string ground;
  bool really = false;
};

// What would go, so that nobody erases the wrong thing.
absl::StatusOr<ExitCode> Preview(const Options& options, CoordinatorClient& coordinator,
                                 const Printer& printer) {
  v1::OpenCommitmentsRequest request;
  request.add_commitments(options.commitment);
  ASSIGN_OR_RETURN(const v1::OpenCommitmentsResponse answer, coordinator.OpenCommitments(request));
  if (answer.openings().empty()) {
    return absl::NotFoundError(
        absl::StrCat("the coordinator has made no such commitment; an archive's is erased by its staff "
                     "(consort-node erase): ",
                     options.commitment));
  }
  printer.Note(Message("cli.ledger.erase-preview"));
  printer.Record({{"commitment", options.commitment},
                  {"value", answer.openings(0).value()},
                  {"erased", answer.openings(0).erased()}});
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> Run(const Options& options, CommandContext& context) {
  RETURN_IF_ERROR(DigestFromHex(options.commitment).status());
  ASSIGN_OR_RETURN(CoordinatorClient* const coordinator, context.coordinator());
  if (!options.really) return Preview(options, *coordinator, context.printer());
  v1::EraseRequest request;
  request.set_commitment(options.commitment);
  request.set_ground(options.ground);
  ASSIGN_OR_RETURN(const v1::EraseResponse answer, coordinator->Erase(request));
  context.printer().Note(Message(answer.erased() ? "cli.ledger.erased" : "cli.ledger.erased-before",
                                 {{"entry", absl::StrCat(answer.leaf_index())}}));
  context.printer().Record(
      {{"commitment", options.commitment}, {"entry", answer.leaf_index()}, {"erased", answer.erased()}});
  return ExitCode::kOk;
}

}  // namespace

void AddLedgerErase(CommandSet& commands) {
  auto options = std::make_shared<Options>();
  CommandSyntax syntax = commands.Add(
      "ledger", "erase",
      "Delete what opens a commitment, as the law may ask; without --yes it shows what would go (operators)",
      "consort ledger erase 3f2a5c0de41b7a96... --ground gdpr-17 --yes",
      [options](CommandContext& context) { return Run(*options, context); });
  syntax.Positional("commitment", options->commitment, "64 hex digits, as the entry shows it");
  syntax.RequiredOption("--ground", options->ground,
                        "gdpr-17, pipl-47, contract or other: public, in the ledger",
                        {"gdpr-17", "pipl-47", "contract", "other"});
  syntax.Flag("--yes", options->really, "Erase it; without it nothing is changed");
}

}  // namespace consort::cli
