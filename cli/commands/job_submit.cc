// consort job submit FILE.toml
#include <memory>

#include "cli/command.h"
#include "cli/commands/commands.h"
#include "cli/job_file.h"
#include "cli/job_view.h"
#include "cli/rpc/coordinator_client.h"
#include "common/messages/message_catalogue.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

struct Options {
  std::string file;
  std::string base_model;
  std::string token;
  bool dry_run = false;
};

absl::StatusOr<ExitCode> Run(const Options& options, CommandContext& context) {
  ASSIGN_OR_RETURN(const v1::JobSpec spec, ReadJobFile(options.file, options.base_model));
  v1::SubmitJobRequest request;
  request.set_spec(spec.SerializeAsString());
  request.set_token(options.token);
  request.set_dry_run(options.dry_run);
  ASSIGN_OR_RETURN(CoordinatorClient* const coordinator, context.coordinator());
  ASSIGN_OR_RETURN(const v1::SubmitJobResponse answer, coordinator->SubmitJob(request));
  const Printer& printer = context.printer();
  for (const std::string& note : answer.notes()) printer.Note(note);
  if (options.dry_run) {
    printer.Note(Message("cli.job.dry-run"));
  } else if (answer.existed()) {
    printer.Note(Message("cli.job.existed", {{"job", answer.job().job_id()}}));
  } else {
    printer.Note(Message("cli.job.submitted", {{"job", answer.job().job_id()}}));
  }
  Json record = JobRecord(answer.job());
  record["existed"] = answer.existed();
  record["notes"] = Json(std::vector<std::string>(answer.notes().begin(), answer.notes().end()));
  printer.Record(record);
  return ExitCode::kOk;
}

}  // namespace

void AddJobSubmit(CommandSet& commands) {
  auto options = std::make_shared<Options>();
  CommandSyntax syntax = commands.Add("job", "submit", "Ask the archives to train together",
                                      "consort job submit job.toml --token trial-7",
                                      [options](CommandContext& context) { return Run(*options, context); });
  syntax.Positional("file", options->file, "Job file (docs/guides/researcher.md)");
  syntax.Option("--base", options->base_model, "Digest of the base model; wins over the file's");
  syntax.Option("--token", options->token, "Any text: the same token and file again give the same job");
  syntax.Flag("--dry-run", options->dry_run, "Check the file and say what would happen; change nothing");
}

}  // namespace consort::cli
