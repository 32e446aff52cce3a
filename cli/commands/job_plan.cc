// consort job plan JOB
#include <memory>

#include "cli/commands/commands.h"
#include "cli/job_view.h"
#include "cli/rpc/coordinator_client.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

absl::StatusOr<ExitCode> Run(const std::string& job_id, CommandContext& context) {
  ASSIGN_OR_RETURN(CoordinatorClient* const coordinator, context.coordinator());
  ASSIGN_OR_RETURN(const v1::JobStatus job, coordinator->GetJob(job_id));
  context.printer().List({"archive", "state", "connected", "training_seconds", "reason"}, OfferRows(job));
  return ExitCode::kOk;
}

}  // namespace

void AddJobPlan(CommandSet& commands) {
  auto job_id = std::make_shared<std::string>();
  CommandSyntax syntax =
      commands.Add("job", "plan", "What each archive answered: material, approval, reason of a refusal",
                   "consort job plan 3f2a5c0de41b7a96c8d0e2f4a6b8cadc",
                   [job_id](CommandContext& context) { return Run(*job_id, context); });
  syntax.Positional("job", *job_id, "The job's id");
}

}  // namespace consort::cli
