// Every checkpoint of a ledger, read page by page: the coordinator bounds its answers, a ledger has no bound.
#ifndef CONSORT_CLI_CHECKPOINT_PAGES_H_
#define CONSORT_CLI_CHECKPOINT_PAGES_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace consort::cli {

// The checkpoints of one page: signed notes by size, from `from_size` on; empty at the end.
using CheckpointPage = std::function<absl::StatusOr<std::vector<std::string>>(uint64_t from_size)>;

// Calls `page` until it is empty. Signatures are not checked here. Errors: those of `page`; InvalidArgument
// for a note that cannot be read; DataLoss if sizes do not grow, since the reading would never end.
absl::StatusOr<std::vector<std::string>> ReadEveryCheckpoint(const CheckpointPage& page);

}  // namespace consort::cli

#endif  // CONSORT_CLI_CHECKPOINT_PAGES_H_
