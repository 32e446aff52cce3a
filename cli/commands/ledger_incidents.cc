// consort ledger incidents
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "cli/commands/commands.h"
#include "cli/rpc/coordinator_client.h"
#include "common/artifact/durable_file.h"
#include "common/messages/message_catalogue.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

Json IncidentRow(const v1::Incident& incident) {
  Json row = {{"id", incident.id()},
              {"kind", incident.kind()},
              {"archive", incident.archive()},
              {"time", absl::FormatTime(absl::RFC3339_sec, absl::FromUnixSeconds(incident.unix_seconds()),
                                        absl::UTCTimeZone())},
              {"state", incident.resolved() ? "resolved" : "OPEN"},
              {"detail", incident.detail()},
              {"entry", nullptr},
              {"evidence", incident.evidence_size()}};
  if (incident.leaf_index() != 0) row["entry"] = incident.leaf_index();
  return row;
}

// Notes, receipts and entries, byte for byte: "<id>.1", "<id>.2".
absl::Status WriteEvidence(const v1::Incident& incident, const std::string& directory) {
  for (int i = 0; i < incident.evidence_size(); ++i) {
    RETURN_IF_ERROR(
        WriteFileDurably(absl::StrCat(directory, "/", incident.id(), ".", i + 1), incident.evidence(i)));
  }
  return absl::OkStatus();
}

absl::StatusOr<ExitCode> Run(const std::string& evidence, CommandContext& context) {
  ASSIGN_OR_RETURN(CoordinatorClient* const coordinator, context.coordinator());
  ASSIGN_OR_RETURN(const v1::ListIncidentsResponse answer, coordinator->ListIncidents());
  Json rows = Json::array();
  for (const v1::Incident& incident : answer.incidents()) {
    rows.push_back(IncidentRow(incident));
    if (!evidence.empty()) RETURN_IF_ERROR(WriteEvidence(incident, evidence));
  }
  context.printer().List({"id", "kind", "archive", "time", "state", "entry", "detail"}, rows);
  if (!evidence.empty()) context.printer().Note(Message("cli.ledger.evidence", {{"directory", evidence}}));
  return ExitCode::kOk;
}

}  // namespace

void AddLedgerIncidents(CommandSet& commands) {
  auto evidence = std::make_shared<std::string>();
  CommandSyntax syntax = commands.Add(
      "ledger", "incidents",
      "What archives and the coordinator hold against the log: forks, rollbacks, broken promises",
      "consort ledger incidents --evidence kept",
      [evidence](CommandContext& context) { return Run(*evidence, context); });
  syntax.Option("--evidence", *evidence, "Folder into which the kept notes and entries are written");
}

}  // namespace consort::cli
