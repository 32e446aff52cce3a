// consort explain contribution LEAF
#include <memory>

#include "absl/strings/str_cat.h"
#include "cli/commands/commands.h"
#include "cli/ledger_audit/trust.h"
#include "cli/rpc/coordinator_client.h"
#include "common/explain/contribution_reach.h"
#include "common/ledger/lineage.h"
#include "common/ledger/verify.h"
#include "common/messages/message_catalogue.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

struct Options {
  uint64_t leaf = 0;
  std::string from;
  LanguageOption language;
};

absl::StatusOr<ledger::Lineage> Read(const Options& options, CommandContext& context) {
  ledger::Lineage lineage;
  if (!options.from.empty()) {
    RETURN_IF_ERROR(ledger::ReadExportEntries(options.from, [&](uint64_t index, absl::string_view envelope) {
      return lineage.Take(index, envelope);
    }));
    return lineage;
  }
  ASSIGN_OR_RETURN(CoordinatorClient* const coordinator, context.coordinator());
  RETURN_IF_ERROR(coordinator->ReadEntries(
      0, 0, [&](const v1::LedgerEntry& entry) { return lineage.Take(entry.index(), entry.envelope()); }));
  return lineage;
}

Json StepRow(const ledger::LineageStep& step) {
  Json row = {{"entry", step.leaf}, {"kind", std::string(ledger::KindName(step.kind))}};
  if (!step.job_id.empty()) row["job"] = step.job_id;
  if (step.round != 0) row["round"] = step.round;
  if (!step.digest.empty()) row["digest"] = step.digest;
  if (!step.artifact.empty()) row["artifact"] = step.artifact;
  if (!step.code.empty()) row["code"] = step.code;
  if (!step.reason.empty()) row["reason"] = step.reason;
  return row;
}

Json ReachRecord(const ledger::Reach& reach) {
  Json steps = Json::array();
  for (const ledger::LineageStep& step : reach.steps) steps.push_back(StepRow(step));
  Json marks = Json::array();
  for (const ledger::LineageStep& mark : reach.marks) marks.push_back(StepRow(mark));
  return {{"class", "A"},
          {"archive", reach.archive},
          {"contribution", StepRow(reach.contribution)},
          {"decision", reach.decision ? StepRow(*reach.decision) : Json()},
          {"held_by", std::move(steps)},
          {"marks", std::move(marks)}};
}

absl::StatusOr<ExitCode> Run(const Options& options, CommandContext& context) {
  ASSIGN_OR_RETURN(const ledger::Lineage lineage, Read(options, context));
  ASSIGN_OR_RETURN(const ledger::Reach reach, lineage.ReachOf(options.leaf));
  const Printer& printer = context.printer();
  const Language language = options.language.language();
  if (printer.format() == Format::kJson) {
    printer.Record(ReachRecord(reach));
  } else {
    const std::string entry_title = Message("cli.explain.column.entry", language);
    const std::string what_title = Message("cli.explain.column.what", language);
    Json rows = Json::array();
    for (const explain::ReachLine& line : explain::ReachLines(reach, language))
      rows.push_back({{entry_title, line.leaf}, {what_title, line.text}});
    printer.List({entry_title, what_title}, rows);
  }
  printer.Note(explain::ReachSummary(reach, language));
  printer.Note(Message("report.reach.class-a", language), Colour::kDim);
  return ExitCode::kOk;
}

}  // namespace

void AddExplainContribution(CommandSet& commands) {
  auto options = std::make_shared<Options>();
  CommandSyntax syntax =
      commands.Add("explain", "contribution",
                   "Which models, releases and later jobs a contribution is in, from the ledger alone",
                   "consort explain contribution 17 --from ledger --lang zh-Hans",
                   [options](CommandContext& context) { return Run(*options, context); });
  syntax.Positional("leaf", options->leaf, "Leaf index of the contribution, from 0");
  syntax.Option("--from", options->from, "Folder with an export: no coordinator is asked");
  DeclareLanguage(syntax, options->language);
}

}  // namespace consort::cli
