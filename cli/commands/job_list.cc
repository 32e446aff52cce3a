// consort job list
#include <memory>

#include "cli/commands/commands.h"
#include "cli/job_view.h"
#include "cli/rpc/coordinator_client.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

absl::StatusOr<ExitCode> Run(uint64_t limit, CommandContext& context) {
  v1::ListJobsRequest request;
  request.set_limit(static_cast<uint32_t>(limit));
  ASSIGN_OR_RETURN(CoordinatorClient* const coordinator, context.coordinator());
  ASSIGN_OR_RETURN(const v1::ListJobsResponse answer, coordinator->ListJobs(request));
  Json rows = Json::array();
  for (const v1::JobStatus& job : answer.jobs()) rows.push_back(JobRow(job));
  context.printer().List({"job", "name", "state", "rounds", "reason"}, rows);
  return ExitCode::kOk;
}

}  // namespace

void AddJobList(CommandSet& commands) {
  auto limit = std::make_shared<uint64_t>(50);
  CommandSyntax syntax =
      commands.Add("job", "list", "Jobs, newest first", "consort job list --limit 5 -o json",
                   [limit](CommandContext& context) { return Run(*limit, context); });
  syntax.Option("--limit", *limit, 1, 1000, "At most so many");
}

}  // namespace consort::cli
