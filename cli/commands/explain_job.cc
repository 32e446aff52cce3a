// consort explain job JOB
#include <memory>

#include "cli/commands/commands.h"
#include "cli/rpc/coordinator_client.h"
#include "common/artifact/durable_file.h"
#include "common/messages/message_catalogue.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

struct Options {
  std::string job_id;
  std::string file;
};

absl::StatusOr<ExitCode> Run(const Options& options, CommandContext& context) {
  ASSIGN_OR_RETURN(CoordinatorClient* const coordinator, context.coordinator());
  ASSIGN_OR_RETURN(const v1::JobReportResponse answer, coordinator->JobReport(options.job_id));
  if (options.file.empty()) {
    context.printer().Raw(answer.html());
    return ExitCode::kOk;
  }
  RETURN_IF_ERROR(WriteFileDurably(options.file, answer.html()));
  context.printer().Note(Message("cli.explain.written", {{"path", options.file}}));
  context.printer().Record({{"job", options.job_id}, {"file", options.file}});
  return ExitCode::kOk;
}

}  // namespace

void AddExplainJob(CommandSet& commands) {
  auto options = std::make_shared<Options>();
  CommandSyntax syntax =
      commands.Add("explain", "job", "A job's closing report: one HTML page in English and Chinese",
                   "consort explain job 3f2a5c0de41b7a96c8d0e2f4a6b8cadc --file report.html",
                   [options](CommandContext& context) { return Run(*options, context); });
  syntax.Positional("job", options->job_id, "The job's id");
  syntax.Option("--file", options->file, "Where to write the page (default: standard output)");
}

}  // namespace consort::cli
