// consort model show DIGEST
#include <memory>

#include "absl/strings/str_cat.h"
#include "cli/commands/commands.h"
#include "cli/model_view.h"
#include "cli/rpc/coordinator_client.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

absl::StatusOr<ExitCode> Run(const std::string& digest, CommandContext& context) {
  ASSIGN_OR_RETURN(CoordinatorClient* const coordinator, context.coordinator());
  ASSIGN_OR_RETURN(const v1::ListModelsResponse answer, coordinator->ListModels(""));
  for (const v1::ModelRecord& model : answer.models()) {
    if (model.digest() != digest && model.tensor_digest() != digest) continue;
    context.printer().Record(ModelRow(model));
    return ExitCode::kOk;
  }
  return absl::NotFoundError(
      absl::StrCat("no job has made a model with this digest; look at `consort model list`: ", digest));
}

}  // namespace

void AddModelShow(CommandSet& commands) {
  auto digest = std::make_shared<std::string>();
  CommandSyntax syntax = commands.Add("model", "show", "Where a model comes from and whom it harmed",
                                      "consort model show 9d8c5e1f...",
                                      [digest](CommandContext& context) { return Run(*digest, context); });
  syntax.Positional("digest", *digest, "Digest of the file or of its tensors, 64 hex digits");
}

}  // namespace consort::cli
