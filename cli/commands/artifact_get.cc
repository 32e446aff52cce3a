// consort artifact get DIGEST FILE
#include <memory>

#include "cli/commands/commands.h"
#include "cli/download.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

struct Options {
  std::string digest;
  std::string file;
};

absl::StatusOr<ExitCode> Run(const Options& options, CommandContext& context) {
  RETURN_IF_ERROR(DownloadArtifact(options.digest, options.file, context));
  context.printer().Record({{"file", options.file}, {"digest", options.digest}});
  return ExitCode::kOk;
}

}  // namespace

void AddArtifactGet(CommandSet& commands) {
  auto options = std::make_shared<Options>();
  CommandSyntax syntax = commands.Add("artifact", "get", "Fetch a stored file; continues where it broke off",
                                      "consort artifact get 9d8c5e1f... base.safetensors",
                                      [options](CommandContext& context) { return Run(*options, context); });
  syntax.Positional("digest", options->digest, "SHA-256, 64 hex digits");
  syntax.Positional("file", options->file, "Where to write it");
}

}  // namespace consort::cli
