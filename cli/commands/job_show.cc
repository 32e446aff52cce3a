// consort job show JOB
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
  const Printer& printer = context.printer();
  Json record = JobRecord(job);
  if (printer.format() == Format::kJson) {
    record["archives"] = OfferRows(job);
    record["round_list"] = RoundRows(job);
    record["results"] = ResultRows(job);
    printer.Record(record);
    return ExitCode::kOk;
  }
  printer.Record(record);
  printer.Raw("\n");
  printer.List({"round", "state", "ledger_state", "seconds", "reason"}, RoundRows(job));
  printer.Raw("\n");
  const Json results = ResultRows(job);
  printer.List(ResultColumns(results), results);
  return ExitCode::kOk;
}

}  // namespace

void AddJobShow(CommandSet& commands) {
  auto job_id = std::make_shared<std::string>();
  CommandSyntax syntax = commands.Add("job", "show", "A job with its rounds and results",
                                      "consort job show 3f2a5c0de41b7a96c8d0e2f4a6b8cadc -o json",
                                      [job_id](CommandContext& context) { return Run(*job_id, context); });
  syntax.Positional("job", *job_id, "The job's id");
}

}  // namespace consort::cli
