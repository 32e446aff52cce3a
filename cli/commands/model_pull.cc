// consort model pull DIGEST FILE
#include <memory>

#include "absl/strings/str_cat.h"
#include "cli/commands/commands.h"
#include "cli/download.h"
#include "cli/rpc/coordinator_client.h"
#include "common/artifact/safetensors.h"
#include "common/messages/message_catalogue.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

struct Options {
  std::string model;
  std::string file;
};

constexpr size_t kJobIdDigits = 32;

// A job's id stands for its newest model.
absl::StatusOr<std::string> DigestOf(const std::string& model, CommandContext& context) {
  if (model.size() != kJobIdDigits) return model;
  ASSIGN_OR_RETURN(CoordinatorClient* const coordinator, context.coordinator());
  ASSIGN_OR_RETURN(const v1::JobStatus job, coordinator->GetJob(model));
  if (job.model_digest().empty()) {
    return absl::NotFoundError(
        absl::StrCat("this job has made no model yet; look at `consort job watch`: ", model));
  }
  return job.model_digest();
}

absl::StatusOr<ExitCode> Run(const Options& options, CommandContext& context) {
  ASSIGN_OR_RETURN(const std::string digest, DigestOf(options.model, context));
  RETURN_IF_ERROR(DownloadArtifact(digest, options.file, context));
  ASSIGN_OR_RETURN(const std::string tensor_digest, TensorDigestOfFile(options.file));
  context.printer().Note(Message("cli.model.pulled", {{"path", options.file}}));
  context.printer().Record({{"file", options.file}, {"digest", digest}, {"tensor_digest", tensor_digest}});
  return ExitCode::kOk;
}

}  // namespace

void AddModelPull(CommandSet& commands) {
  auto options = std::make_shared<Options>();
  CommandSyntax syntax =
      commands.Add("model", "pull", "Fetch a model into a safetensors file; continues where it broke off",
                   "consort model pull 3f2a5c0de41b7a96c8d0e2f4a6b8cadc model.safetensors",
                   [options](CommandContext& context) { return Run(*options, context); });
  syntax.Positional("model", options->model, "A model's digest, or a job's id for its newest model");
  syntax.Positional("file", options->file, "Where to write it");
}

}  // namespace consort::cli
