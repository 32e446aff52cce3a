// A published ledger from a web server into a folder, to be verified there. Nothing that comes is believed.
#ifndef CONSORT_CLI_FETCH_LEDGER_FETCH_H_
#define CONSORT_CLI_FETCH_LEDGER_FETCH_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace consort::cli {

// 10 GB of the largest entries: more is brought on a disk, not by one command.
inline constexpr uint64_t kMaxFetchedEntries = 10'000'000;

// One tile of an export, whole or partial.
struct TileName {
  std::string level;  // "entries", "0", "1", ...
  uint64_t n = 0;
  int width = 0;
};
// The tiles that a log of `size` entries has (C2SP tlog-tiles): entries first, then hashes level by level.
std::vector<TileName> TilesOf(uint64_t size);

// Gets one file of at most `max_bytes`. Errors: NotFound if there is none.
using FetchFile = std::function<absl::StatusOr<std::string>(const std::string& path, size_t max_bytes)>;
using FetchProgress = std::function<void(uint64_t files_done, uint64_t files_total)>;

// Fetches checkpoint, keys and every tile that the checkpoint's size calls for, and only those; the
// checkpoint is written last. Full tiles that lie in `directory` already are kept: verifying tells whether
// they fit. Errors: those of `fetch`; InvalidArgument for a checkpoint that cannot be read; ResourceExhausted
// past kMaxFetchedEntries; Unavailable if the log grew meanwhile: fetch again; the disk's as StatusOfErrno.
absl::Status FetchLedger(const FetchFile& fetch, const std::string& directory, const FetchProgress& progress);

}  // namespace consort::cli

#endif  // CONSORT_CLI_FETCH_LEDGER_FETCH_H_
