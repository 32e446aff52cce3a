// consort ledger proof INDEX
#include <limits>
#include <memory>

#include "cli/commands/commands.h"
#include "cli/enum_word.h"
#include "cli/ledger_audit/make_proof.h"
#include "cli/rpc/coordinator_client.h"
#include "common/artifact/durable_file.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

struct Options {
  uint64_t index = 0;
  uint64_t size = 0;
  std::string from;
  std::string file;
  std::string entry_file;
};
struct Proof {
  std::string file;
  std::string entry;
  std::string state;
};

absl::StatusOr<Proof> Get(const Options& options, CommandContext& context) {
  if (!options.from.empty()) {
    ASSIGN_OR_RETURN(MadeProof made, MakeProof(options.from, options.index, options.size));
    return Proof{std::move(made.file), std::move(made.entry),
                 std::string(ledger::EntryStateName(made.state))};
  }
  v1::GetProofRequest request;
  request.set_index(options.index);
  request.set_size(options.size);
  ASSIGN_OR_RETURN(CoordinatorClient* const coordinator, context.coordinator());
  ASSIGN_OR_RETURN(const v1::GetProofResponse answer, coordinator->GetProof(request));
  return Proof{answer.tlog_proof(), answer.envelope(), Word(answer.state())};
}

absl::StatusOr<ExitCode> Run(const Options& options, CommandContext& context) {
  ASSIGN_OR_RETURN(const Proof proof, Get(options, context));
  const Printer& printer = context.printer();
  if (!options.entry_file.empty()) RETURN_IF_ERROR(WriteFileDurably(options.entry_file, proof.entry));
  if (!options.file.empty()) RETURN_IF_ERROR(WriteFileDurably(options.file, proof.file));
  if (printer.format() == Format::kJson) {
    printer.Record({{"index", options.index},
                    {"state", proof.state},
                    {"tlog_proof", proof.file},
                    {"envelope", proof.entry}});
  } else if (options.file.empty()) {
    printer.Raw(proof.file);  // a C2SP tlog-proof file as it is
  } else {
    printer.Record({{"index", options.index}, {"state", proof.state}, {"file", options.file}});
  }
  return ExitCode::kOk;
}

}  // namespace

void AddLedgerProof(CommandSet& commands) {
  auto options = std::make_shared<Options>();
  CommandSyntax syntax =
      commands.Add("ledger", "proof", "Proof that an entry is in the ledger, as a C2SP tlog-proof file",
                   "consort ledger proof 12 --file entry-12.tlog-proof --entry entry-12.json",
                   [options](CommandContext& context) { return Run(*options, context); });
  syntax.Positional("index", options->index, "Leaf index, from 0");
  syntax.Option("--from", options->from, "Folder with an export: no coordinator is asked");
  syntax.Option("--size", options->size, 0, std::numeric_limits<int64_t>::max(),
                "Size of the sealed checkpoint (default: the newest)");
  syntax.Option("--file", options->file, "Where to write the proof (default: standard output)");
  syntax.Option("--entry", options->entry_file, "Where to write the entry's bytes, which the proof is about");
}

}  // namespace consort::cli
