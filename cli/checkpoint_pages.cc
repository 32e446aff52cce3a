#include "cli/checkpoint_pages.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/ledger/checkpoint.h"
#include "common/status/macros.h"

namespace consort::cli {

absl::StatusOr<std::vector<std::string>> ReadEveryCheckpoint(const CheckpointPage& page) {
  std::vector<std::string> notes;
  uint64_t from = 0;
  while (true) {
    ASSIGN_OR_RETURN(std::vector<std::string> more, page(from));
    if (more.empty()) return notes;
    for (std::string& note : more) {
      ASSIGN_OR_RETURN(const ledger::Checkpoint checkpoint, ledger::ReadCheckpoint(note));
      if (checkpoint.size < from) {
        return absl::DataLossError(absl::StrCat("the coordinator lists its checkpoints out of order: size ",
                                                checkpoint.size, ", expected ", from, " or more"));
      }
      from = checkpoint.size + 1;
      notes.push_back(std::move(note));
    }
  }
}

}  // namespace consort::cli
