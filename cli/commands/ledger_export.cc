// consort ledger export DIR
#include <filesystem>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/checkpoint_pages.h"
#include "cli/commands/commands.h"
#include "cli/rpc/coordinator_client.h"
#include "common/artifact/durable_file.h"
#include "common/explain/ledger_pages.h"
#include "common/ledger/export.h"
#include "common/ledger/verify.h"
#include "common/messages/message_catalogue.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

struct Options {
  std::string directory;
  bool no_pages = false;
};

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

// Derived from the files that were just written; whoever verifies the ledger leaves them aside.
absl::Status WritePages(const std::string& directory, const ledger::ExportSource& source,
                        uint64_t witnessed_size) {
  std::vector<explain::ReportEntry> entries;
  RETURN_IF_ERROR(ledger::ReadExportEntries(directory, [&](uint64_t index, absl::string_view envelope) {
    entries.push_back({index, std::string(envelope)});
    return absl::OkStatus();
  }));
  explain::ReportProof proof;
  proof.checkpoint = source.checkpoints.back();
  proof.witnessed_size = witnessed_size;
  if (!source.keys.log_vkeys.empty()) proof.log_vkey = source.keys.log_vkeys.back();
  ASSIGN_OR_RETURN(const auto files, explain::RenderLedgerPages(entries, proof, source.keys.policy));
  for (const auto& [path, bytes] : files) {
    const std::filesystem::path target = std::filesystem::path(directory) / path;
    std::error_code error;
    std::filesystem::create_directories(target.parent_path(), error);
    if (error) return StatusOfErrno(error.value(), absl::StrCat("make a folder for ", path));
    RETURN_IF_ERROR(ReplaceFile(target.string(), bytes));
  }
  return absl::OkStatus();
}

absl::StatusOr<ExitCode> Run(const Options& options, CommandContext& context) {
  const std::string& directory = options.directory;
  ASSIGN_OR_RETURN(CoordinatorClient* const coordinator, context.coordinator());
  ASSIGN_OR_RETURN(const ledger::ExportSource source, SourceOf(*coordinator));
  RETURN_IF_ERROR(ledger::WriteExport(source, directory));
  if (!options.no_pages) {
    ASSIGN_OR_RETURN(const v1::GetCheckpointResponse head, coordinator->GetCheckpoint(0));
    // The ledger is what counts: a page that cannot be made takes nothing from it.
    const absl::Status pages = WritePages(directory, source, head.witnessed_size());
    if (!pages.ok())
      context.printer().Note(Message("cli.ledger.no-pages", {{"reason", std::string(pages.message())}}));
  }
  const std::string entries = SizeOfNote(source.checkpoints.back());
  context.printer().Note(Message("cli.ledger.exported", {{"entries", entries}, {"directory", directory}}));
  context.printer().Record({{"directory", directory}, {"entries", entries}});
  return ExitCode::kOk;
}

}  // namespace

void AddLedgerExport(CommandSet& commands) {
  auto options = std::make_shared<Options>();
  CommandSyntax syntax = commands.Add(
      "ledger", "export",
      "Write the ledger as files (C2SP tlog-tiles); a repeated export only adds what is new",
      "consort ledger export ledger", [options](CommandContext& context) { return Run(*options, context); });
  syntax.Positional("directory", options->directory, "Folder to write");
  syntax.Flag("--no-pages", options->no_pages,
              "Leave out read/ (pages in English and Chinese) and prov.jsonld (W3C PROV)");
}

}  // namespace consort::cli
