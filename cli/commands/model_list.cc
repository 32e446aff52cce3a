// consort model list
#include <memory>

#include "cli/commands/commands.h"
#include "cli/model_view.h"
#include "cli/rpc/coordinator_client.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

absl::StatusOr<ExitCode> Run(const std::string& job_id, CommandContext& context) {
  ASSIGN_OR_RETURN(CoordinatorClient* const coordinator, context.coordinator());
  ASSIGN_OR_RETURN(const v1::ListModelsResponse answer, coordinator->ListModels(job_id));
  Json rows = Json::array();
  for (const v1::ModelRecord& model : answer.models()) rows.push_back(ModelRow(model));
  context.printer().List(
      {"digest", "job", "round", "architecture", "bytes", "ledger_state", "harms", "marks"}, rows);
  return ExitCode::kOk;
}

}  // namespace

void AddModelList(CommandSet& commands) {
  auto job_id = std::make_shared<std::string>();
  CommandSyntax syntax =
      commands.Add("model", "list", "Models that jobs have made, with the traditions that got worse",
                   "consort model list --job 3f2a5c0de41b7a96c8d0e2f4a6b8cadc",
                   [job_id](CommandContext& context) { return Run(*job_id, context); });
  syntax.Option("--job", *job_id, "Of this job only");
}

}  // namespace consort::cli
