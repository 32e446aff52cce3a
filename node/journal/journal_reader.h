// Reads an egress journal from its file and checks its chain.
#ifndef CONSORT_NODE_JOURNAL_JOURNAL_READER_H_
#define CONSORT_NODE_JOURNAL_JOURNAL_READER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "node/journal/journal_row.h"

namespace consort::node {

struct JournalEnd {
  std::string head;  // hash of the newest row; JournalStart() if there is none
  uint64_t rows = 0;
  uint64_t complete_bytes = 0;  // of the file up to the last whole line
  uint64_t torn_bytes = 0;      // after it: a row whose writing was cut; nothing was sent for it
};

// Gives each row to `take`, oldest first, after checking number, spelling and `previous`. Memory does not
// grow with the file. Errors: NotFound; DataLoss naming the first line that is not what was written; those of
// `take`.
absl::StatusOr<JournalEnd> ReadJournal(const std::string& path,
                                       const std::function<absl::Status(const JournalRow&)>& take);

// What has left, in sums.
struct JournalSums {
  struct Sum {
    uint64_t rows = 0;
    uint64_t messages = 0;
    uint64_t bytes = 0;
  };
  std::map<std::string, Sum> by_type;
  std::map<std::string, Sum> by_job;  // derived payloads only
  Sum total;

  void Add(const JournalRow& row);
};

}  // namespace consort::node

#endif  // CONSORT_NODE_JOURNAL_JOURNAL_READER_H_
