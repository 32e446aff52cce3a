// consort ledger proof INDEX
#include <limits>
#include <memory>

#include "cli/commands/commands.h"
#include "cli/rpc/coordinator_client.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

struct Options {
  uint64_t index = 0;
  uint64_t size = 0;
};

absl::StatusOr<ExitCode> Run(const Options& options, CommandContext& context) {
  v1::GetProofRequest request;
  request.set_index(options.index);
  request.set_size(options.size);
  ASSIGN_OR_RETURN(CoordinatorClient* const coordinator, context.coordinator());
  ASSIGN_OR_RETURN(const v1::GetProofResponse answer, coordinator->GetProof(request));
  if (context.printer().format() == Format::kTable) {
    context.printer().Raw(answer.tlog_proof());  // a C2SP tlog-proof file as it is
  } else {
    context.printer().Record(
        {{"index", options.index}, {"tlog_proof", answer.tlog_proof()}, {"envelope", answer.envelope()}});
  }
  return ExitCode::kOk;
}

}  // namespace

void AddLedgerProof(CommandSet& commands) {
  auto options = std::make_shared<Options>();
  CommandSyntax syntax =
      commands.Add("ledger", "proof", "Proof that an entry is in the ledger, as a C2SP tlog-proof file",
                   "consort ledger proof 12 > entry-12.tlog-proof",
                   [options](CommandContext& context) { return Run(*options, context); });
  syntax.Positional("index", options->index, "Leaf index, from 0");
  syntax.Option("--size", options->size, 0, std::numeric_limits<int64_t>::max(),
                "Size of the sealed checkpoint (default: the newest)");
}

}  // namespace consort::cli
