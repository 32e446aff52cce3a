// An artifact into a file, with a bar, resumable and interruptible: what `model pull` and `artifact get`
// share.
#ifndef CONSORT_CLI_DOWNLOAD_H_
#define CONSORT_CLI_DOWNLOAD_H_

#include <string>

#include "absl/status/status.h"
#include "cli/command.h"

namespace consort::cli {

// Errors: as TransferClient::Download; Cancelled on Ctrl-C (what came so far is kept and continued next
// time).
absl::Status DownloadArtifact(const std::string& digest, const std::string& path, CommandContext& context);

}  // namespace consort::cli

#endif  // CONSORT_CLI_DOWNLOAD_H_
