#include "cli/ledger_audit/verify_ledger.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/crypto/key_file.h"
#include "common/ledger/note.h"
#include "common/ledger/verify.h"
#include "common/messages/message_catalogue.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

constexpr unsigned kMaxThreads = 16;  // one consumer puts entries in order: more would wait for it

absl::StatusOr<ledger::VerifyOptions> OptionsOf(const VerifyLedgerOptions& options) {
  ledger::VerifyOptions verify;
  verify.directory = options.directory;
  ASSIGN_OR_RETURN(const std::vector<VerifierKey> keys, TrustedLogKeys(options.trust));
  for (const VerifierKey& key : keys) verify.log_vkeys.push_back(key.ToString());
  for (const std::string& path : options.kept_checkpoints) {
    ASSIGN_OR_RETURN(std::string note, ReadPublicFile(path, ledger::kMaxNoteBytes));
    verify.kept_checkpoints.push_back(std::move(note));
  }
  if (!options.since.empty()) {
    ASSIGN_OR_RETURN(verify.since, ReadPublicFile(options.since, ledger::kMaxNoteBytes));
  }
  ASSIGN_OR_RETURN(verify.policy, PolicyText(options.trust));
  const ledger::ClockRule clock = ClockOf(options.trust);
  verify.now = clock.now;
  verify.max_age = clock.max_age;
  const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
  verify.threads = options.threads == 0 ? static_cast<int>(std::min(cores, kMaxThreads))
                                        : static_cast<int>(options.threads);
  verify.signatures = !options.tree_only;
  return verify;
}

std::string CheckName(const ledger::Check& check, Language language) {
  return Message(absl::StrCat("cli.audit.check", ".", check.id), language);
}

// In the language of the table's reader: its columns are named by their titles.
void PrintTable(const ledger::VerifyReport& report, Language language, const Printer& printer) {
  const std::string check_title = Message("cli.audit.column.check", language);
  const std::string result_title = Message("cli.audit.column.result", language);
  const std::string detail_title = Message("cli.audit.column.detail", language);
  Json rows = Json::array();
  for (const ledger::Check& check : report.checks) {
    rows.push_back({{check_title, CheckName(check, language)},
                    {result_title, Message(check.passed ? "cli.audit.ok" : "cli.audit.failed", language)},
                    {detail_title, check.detail}});
  }
  printer.List({check_title, result_title, detail_title}, rows);
}

void PrintRecord(const ledger::VerifyReport& report, const Printer& printer) {
  Json rows = Json::array();
  for (const ledger::Check& check : report.checks) {
    rows.push_back(
        {{"check", check.id}, {"result", check.passed ? "ok" : "FAILED"}, {"detail", check.detail}});
  }
  printer.Record({{"origin", report.origin},
                  {"size", report.size},
                  {"root", report.root},
                  {"witnessed_size", report.witnessed_size},
                  {"passed", report.passed()},
                  {"checks", rows}});
}

void PrintVerdict(const ledger::VerifyReport& report, Language language, const Printer& printer) {
  const char* const state = report.witnessed_size == 0            ? "cli.audit.witnessed-none"
                            : report.witnessed_size < report.size ? "cli.audit.witnessed-part"
                                                                  : "cli.audit.witnessed-all";
  printer.Note(
      Message(state, language,
              {{"witnessed", absl::StrCat(report.witnessed_size)}, {"size", absl::StrCat(report.size)}}));
  if (report.passed()) {
    return printer.Note(Message("cli.ledger.verified", language,
                                {{"entries", absl::StrCat(report.size)}, {"root", report.root}}),
                        Colour::kGreen);
  }
  for (const ledger::Check& check : report.checks) {
    if (check.passed) continue;
    return printer.Note(Message("cli.ledger.not-verified", language,
                                {{"check", CheckName(check, language)}, {"detail", check.detail}}),
                        Colour::kRed);
  }
}

}  // namespace

void DeclareVerifyLedger(CommandSyntax& syntax, VerifyLedgerOptions& options) {
  DeclareTrust(syntax, options.trust);
  DeclareClock(syntax, options.trust);
  syntax.Repeated("--kept-checkpoint", options.kept_checkpoints,
                  "File with an older checkpoint that must be a prefix (repeatable)");
  syntax.Option("--since", options.since,
                "File with a checkpoint up to which you have verified before: only what follows has its "
                "signatures checked");
  syntax.Option("--threads", options.threads, 1, kMaxThreads, "How many to use (default: all cores)");
  syntax.Flag("--tree-only", options.tree_only,
              "Check hashes, checkpoints and cosignatures, not what entries say");
  DeclareLanguage(syntax, options.language);
}

absl::StatusOr<ExitCode> VerifyLedger(const VerifyLedgerOptions& options, const Printer& printer) {
  ASSIGN_OR_RETURN(const ledger::VerifyOptions verify, OptionsOf(options));
  ASSIGN_OR_RETURN(const ledger::VerifyReport report, ledger::VerifyExport(verify));
  const Language language = options.language.language();
  if (printer.format() == Format::kJson) {
    PrintRecord(report, printer);
  } else {
    PrintTable(report, language, printer);
  }
  if (verify.log_vkeys.empty()) printer.Note(Message("cli.ledger.self-consistent", language));
  PrintVerdict(report, language, printer);
  return report.passed() ? ExitCode::kOk : ExitCode::kVerificationFailed;
}

}  // namespace consort::cli
