// consort job pause|resume|cancel JOB
#include <memory>

#include "cli/commands/commands.h"
#include "cli/enum_word.h"
#include "cli/job_view.h"
#include "cli/rpc/coordinator_client.h"
#include "common/messages/message_catalogue.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

absl::StatusOr<ExitCode> Run(const std::string& job_id, v1::JobAction action, CommandContext& context) {
  v1::ControlJobRequest request;
  request.set_job_id(job_id);
  request.set_action(action);
  ASSIGN_OR_RETURN(CoordinatorClient* const coordinator, context.coordinator());
  ASSIGN_OR_RETURN(const v1::JobStatus job, coordinator->ControlJob(request));
  context.printer().Note(Message("cli.job.action", {{"job", job.job_id()}, {"state", Word(job.state())}}));
  context.printer().Record(JobRecord(job));
  return ExitCode::kOk;
}

void AddAction(CommandSet& commands, const std::string& verb, const std::string& description,
               v1::JobAction action) {
  auto job_id = std::make_shared<std::string>();
  CommandSyntax syntax =
      commands.Add("job", verb, description, "consort job " + verb + " 3f2a5c0de41b7a96c8d0e2f4a6b8cadc",
                   [job_id, action](CommandContext& context) { return Run(*job_id, action, context); });
  syntax.Positional("job", *job_id, "The job's id");
}

}  // namespace

void AddJobControl(CommandSet& commands) {
  AddAction(commands, "pause", "Start no further round", v1::JOB_ACTION_PAUSE);
  AddAction(commands, "resume", "Go on with a paused job", v1::JOB_ACTION_RESUME);
  AddAction(commands, "cancel", "End a job; its open round is abandoned", v1::JOB_ACTION_CANCEL);
}

}  // namespace consort::cli
