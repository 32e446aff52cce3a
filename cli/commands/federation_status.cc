// consort federation status
#include "cli/commands/commands.h"
#include "cli/rpc/coordinator_client.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

absl::StatusOr<ExitCode> Run(CommandContext& context) {
  ASSIGN_OR_RETURN(CoordinatorClient* const coordinator, context.coordinator());
  ASSIGN_OR_RETURN(const v1::FederationStatus status, coordinator->FederationStatus());
  context.printer().Record({{"federation", status.federation()},
                            {"project", status.project()},
                            {"ledger_origin", status.ledger_origin()},
                            {"log_vkey", status.log_vkey()},
                            {"software_version", status.software_version()},
                            {"archives_enrolled", status.archives_enrolled()},
                            {"archives_connected", status.archives_connected()},
                            {"jobs_running", status.jobs_running()},
                            {"ledger_entries", status.ledger_entries()},
                            {"ledger_sealed_size", status.ledger_sealed_size()},
                            {"ledger_sealed_unix_seconds", status.ledger_sealed_unix_seconds()},
                            {"ledger_witnessed_size", status.ledger_witnessed_size()},
                            {"ledger_witnessed_unix_seconds", status.ledger_witnessed_unix_seconds()},
                            {"ledger_hold", status.ledger_hold()},
                            {"open_incidents", status.open_incidents()},
                            {"artifact_bytes", status.artifact_bytes()},
                            {"draining", status.draining()}});
  return ExitCode::kOk;
}

}  // namespace

void AddFederationStatus(CommandSet& commands) {
  commands.Add("federation", "status", "Members, jobs, ledger and storage at a glance",
               "consort federation status", Run);
}

}  // namespace consort::cli
