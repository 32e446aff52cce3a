// Artifacts to and from the coordinator, resumed where a connection or a program broke off.
#ifndef CONSORT_CLI_RPC_TRANSFER_CLIENT_H_
#define CONSORT_CLI_RPC_TRANSFER_CLIENT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/profile.h"
#include "cli/rpc/call_canceller.h"

namespace consort::cli {

// Bytes done so far and in all; called after each chunk from the calling thread.
using TransferProgress = std::function<void(uint64_t done, uint64_t total)>;

// Not thread-safe. A call that breaks off is tried again as long as each attempt has moved bytes. Errors of
// both: NotFound, PermissionDenied, Cancelled (by `canceller`), DeadlineExceeded after a stall, Unavailable.
class TransferClient {
 public:
  // A connection of its own. Errors: NotFound if a file of the profile is missing.
  static absl::StatusOr<std::unique_ptr<TransferClient>> Open(const std::string& profile_directory,
                                                              const Profile& profile);
  ~TransferClient();

  // Writes the artifact to `path`. On the way it is `path`.partial, which a later call continues. An existing
  // `path` is replaced. Errors: also DataLoss if the bytes do not fit the digest; ResourceExhausted for a
  // full disk.
  absl::Status Download(const std::string& digest, const std::string& path, CallCanceller& canceller,
                        const TransferProgress& progress);

  // Stores a file as an artifact and returns its digest. What is there already is not sent.
  absl::StatusOr<std::string> Upload(const std::string& path, CallCanceller& canceller,
                                     const TransferProgress& progress);

 private:
  struct State;
  explicit TransferClient(std::unique_ptr<State> state);
  absl::Status DownloadOnce(const std::string& digest, const std::string& partial, CallCanceller& canceller,
                            const TransferProgress& progress);
  std::unique_ptr<State> state_;
};

}  // namespace consort::cli

#endif  // CONSORT_CLI_RPC_TRANSFER_CLIENT_H_
