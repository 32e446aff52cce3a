#include "cli/download.h"

#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/interrupt.h"
#include "cli/rpc/call_canceller.h"
#include "cli/rpc/transfer_client.h"
#include "cli/transfer_progress.h"
#include "common/crypto/digest.h"
#include "common/messages/message_catalogue.h"
#include "common/messages/quantity.h"
#include "common/status/macros.h"

namespace consort::cli {

absl::Status DownloadArtifact(const std::string& digest, const std::string& path, CommandContext& context) {
  if (!DigestFromHex(digest).ok()) {
    return absl::InvalidArgumentError(absl::StrCat("a digest is 64 lower-case hex digits; found: ", digest));
  }
  ASSIGN_OR_RETURN(TransferClient* const transfers, context.transfers());
  std::error_code error;
  const uint64_t there = std::filesystem::file_size(path + ".partial", error);
  if (!error && there > 0) {
    context.printer().Note(
        Message("cli.transfer.resumed", {{"bytes", FormatBytes(static_cast<int64_t>(there))}}));
  }
  CallCanceller canceller;
  const InterruptGuard interrupt([&canceller] { canceller.Cancel(); });
  TransferProgressBar bar(context.printer().terminal(), digest.substr(0, 12));
  const absl::Status status =
      transfers->Download(digest, path, canceller,
                          [&bar](uint64_t done, uint64_t total) { bar.Update(done, total, absl::Now()); });
  bar.Finish();
  return status;
}

}  // namespace consort::cli
