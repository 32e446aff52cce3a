// consort artifact gc
#include <memory>

#include "absl/strings/str_cat.h"
#include "cli/commands/commands.h"
#include "cli/rpc/coordinator_client.h"
#include "common/messages/message_catalogue.h"
#include "common/messages/quantity.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

absl::StatusOr<ExitCode> Run(bool really, CommandContext& context) {
  ASSIGN_OR_RETURN(CoordinatorClient* const coordinator, context.coordinator());
  ASSIGN_OR_RETURN(const v1::DeleteArtifactsResponse answer,
                   coordinator->CollectGarbage(/*dry_run=*/!really));
  const std::string count = absl::StrCat(answer.digests_size());
  const std::string bytes = FormatBytes(static_cast<int64_t>(answer.bytes()));
  context.printer().Note(
      Message(really ? "cli.artifact.gc" : "cli.artifact.gc-dry-run", {{"count", count}, {"bytes", bytes}}));
  Json rows = Json::array();
  for (const std::string& digest : answer.digests()) rows.push_back({{"digest", digest}});
  context.printer().List({"digest"}, rows);
  return ExitCode::kOk;
}

}  // namespace

void AddArtifactGc(CommandSet& commands) {
  auto really = std::make_shared<bool>(false);
  CommandSyntax syntax = commands.Add(
      "artifact", "gc",
      "List the files that no job, model or open round refers to, or remove them (operators)",
      "consort artifact gc --yes", [really](CommandContext& context) { return Run(*really, context); });
  syntax.Flag("--yes", *really, "Remove them; without it nothing is changed");
}

}  // namespace consort::cli
