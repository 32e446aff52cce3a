// consort ledger export DIR
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/checkpoint_pages.h"
#include "cli/commands/commands.h"
#include "cli/rpc/coordinator_client.h"
#include "common/ledger/export.h"
#include "common/messages/message_catalogue.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

template <class Strings>
std::vector<std::string> Copied(const Strings& strings) {
  return {strings.begin(), strings.end()};
}

absl::StatusOr<ledger::ExportSource> SourceOf(CoordinatorClient& coordinator) {
  ledger::ExportSource source;
  ASSIGN_OR_RETURN(const v1::GetKeysResponse keys, coordinator.GetLedgerKeys());
  source.keys = {Copied(keys.log_vkeys()), Copied(keys.entry_vkeys()), Copied(keys.witness_vkeys()),
                 keys.policy()};
  ASSIGN_OR_RETURN(
      source.checkpoints,
      ReadEveryCheckpoint([&coordinator](uint64_t from) -> absl::StatusOr<std::vector<std::string>> {
        ASSIGN_OR_RETURN(const auto page, coordinator.ListCheckpoints(from));
        return Copied(page.checkpoints());
      }));
  source.read = [&coordinator](uint64_t start, uint64_t end,
                               const std::function<absl::Status(absl::string_view)>& take) {
    return coordinator.ReadEntries(start, end,
                                   [&take](const v1::LedgerEntry& entry) { return take(entry.envelope()); });
  };
  return source;
}

// Size in the second line of a signed note; WriteExport has checked it.
std::string SizeOfNote(const std::string& note) {
  const std::vector<std::string> lines = absl::StrSplit(note, absl::MaxSplits('\n', 2));
  return lines.size() > 1 ? lines[1] : "0";
}

absl::StatusOr<ExitCode> Run(const std::string& directory, CommandContext& context) {
  ASSIGN_OR_RETURN(CoordinatorClient* const coordinator, context.coordinator());
  ASSIGN_OR_RETURN(const ledger::ExportSource source, SourceOf(*coordinator));
  RETURN_IF_ERROR(ledger::WriteExport(source, directory));
  const std::string entries = SizeOfNote(source.checkpoints.back());
  context.printer().Note(Message("cli.ledger.exported", {{"entries", entries}, {"directory", directory}}));
  context.printer().Record({{"directory", directory}, {"entries", entries}});
  return ExitCode::kOk;
}

}  // namespace

void AddLedgerExport(CommandSet& commands) {
  auto directory = std::make_shared<std::string>();
  CommandSyntax syntax =
      commands.Add("ledger", "export",
                   "Write the ledger as files (C2SP tlog-tiles); a repeated export only adds what is new",
                   "consort ledger export ledger",
                   [directory](CommandContext& context) { return Run(*directory, context); });
  syntax.Positional("directory", *directory, "Folder to write");
}

}  // namespace consort::cli
