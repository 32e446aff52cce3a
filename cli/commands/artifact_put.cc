// consort artifact put FILE
#include <filesystem>
#include <memory>

#include "absl/time/clock.h"
#include "cli/commands/commands.h"
#include "cli/interrupt.h"
#include "cli/rpc/call_canceller.h"
#include "cli/rpc/transfer_client.h"
#include "cli/transfer_progress.h"
#include "common/messages/message_catalogue.h"
#include "common/messages/quantity.h"
#include "common/status/macros.h"

namespace consort::cli {
namespace {

absl::StatusOr<ExitCode> Run(const std::string& file, CommandContext& context) {
  ASSIGN_OR_RETURN(TransferClient* const transfers, context.transfers());
  CallCanceller canceller;
  const InterruptGuard interrupt([&canceller] { canceller.Cancel(); });
  TransferProgressBar bar(context.printer().terminal(), std::filesystem::path(file).filename().string());
  uint64_t bytes = 0;
  const absl::StatusOr<std::string> digest =
      transfers->Upload(file, canceller, [&](uint64_t done, uint64_t total) {
        bytes = total;
        bar.Update(done, total, absl::Now());
      });
  bar.Finish();
  RETURN_IF_ERROR(digest.status());
  context.printer().Note(Message("cli.artifact.stored",
                                 {{"bytes", FormatBytes(static_cast<int64_t>(bytes))}, {"digest", *digest}}));
  if (context.printer().format() == Format::kTable) {
    context.printer().Raw(*digest + "\n");  // alone, for scripts
  } else {
    context.printer().Record({{"digest", *digest}, {"bytes", bytes}});
  }
  return ExitCode::kOk;
}

}  // namespace

void AddArtifactPut(CommandSet& commands) {
  auto file = std::make_shared<std::string>();
  CommandSyntax syntax =
      commands.Add("artifact", "put", "Store a file at the coordinator and print its digest",
                   "consort artifact put models/base/rave-tiny.safetensors",
                   [file](CommandContext& context) { return Run(*file, context); });
  syntax.Positional("file", *file, "The file");
}

}  // namespace consort::cli
