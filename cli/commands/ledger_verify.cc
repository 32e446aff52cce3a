// consort ledger verify DIR
#include <fstream>
#include <memory>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "cli/commands/commands.h"
#include "common/ledger/verify.h"
#include "common/messages/message_catalogue.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

struct Options {
  std::string directory;
  std::vector<std::string> log_keys;
  std::vector<std::string> kept_checkpoints;  // paths
};

absl::StatusOr<std::string> ReadNote(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream bytes;
  bytes << file.rdbuf();
  if (!file.good()) return absl::NotFoundError(absl::StrCat("cannot read the kept checkpoint: ", path));
  return bytes.str();
}

absl::StatusOr<ExitCode> Run(const Options& options, CommandContext& context) {
  ledger::VerifyOptions verify;
  verify.directory = options.directory;
  verify.log_vkeys = options.log_keys;
  for (const std::string& path : options.kept_checkpoints) {
    ASSIGN_OR_RETURN(std::string note, ReadNote(path));
    verify.kept_checkpoints.push_back(std::move(note));
  }
  ASSIGN_OR_RETURN(const ledger::VerifyReport report, ledger::VerifyExport(verify));
  const Printer& printer = context.printer();
  Json rows = Json::array();
  const ledger::Check* failed = nullptr;
  for (const ledger::Check& check : report.checks) {
    rows.push_back(
        {{"check", check.id}, {"result", check.passed ? "ok" : "FAILED"}, {"detail", check.detail}});
    if (!check.passed && failed == nullptr) failed = &check;
  }
  if (printer.format() == Format::kJson) {
    printer.Record({{"origin", report.origin},
                    {"size", report.size},
                    {"root", report.root},
                    {"passed", report.passed()},
                    {"checks", rows}});
  } else {
    printer.List({"check", "result", "detail"}, rows);
  }
  if (options.log_keys.empty()) printer.Note(Message("cli.ledger.self-consistent"));
  if (report.passed()) {
    printer.Note(
        Message("cli.ledger.verified", {{"entries", absl::StrCat(report.size)}, {"root", report.root}}),
        Colour::kGreen);
    return ExitCode::kOk;
  }
  printer.Note(
      Message("cli.ledger.not-verified", {{"check", failed == nullptr ? "no check could run" : failed->id},
                                          {"detail", failed == nullptr ? "" : failed->detail}}),
      Colour::kRed);
  return ExitCode::kVerificationFailed;
}

}  // namespace

void AddLedgerVerify(CommandSet& commands) {
  auto options = std::make_shared<Options>();
  CommandSyntax syntax =
      commands.Add("ledger", "verify", "Check an exported ledger, offline",
                   "consort ledger verify ledger --log-key ledger.example.org/music+c74f20a3+ARpc...",
                   [options](CommandContext& context) { return Run(*options, context); });
  syntax.Positional("directory", options->directory, "Folder that `consort ledger export` wrote");
  syntax.Repeated("--log-key", options->log_keys, "Key of the log that you trust (repeatable)");
  syntax.Repeated("--kept-checkpoint", options->kept_checkpoints,
                  "File with an older checkpoint that must be a prefix (repeatable)");
}

}  // namespace consort::cli
