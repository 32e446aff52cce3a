#include "node/journal/journal_reader.h"

#include <fcntl.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "common/artifact/durable_file.h"
#include "common/status/macros.h"

namespace consort::node {
namespace {

constexpr size_t kBlockBytes = 1 << 20;
constexpr size_t kMaxRowBytes = 4096;  // a row is about 400; more is no row

absl::Status Damaged(uint64_t line, absl::string_view problem) {
  return absl::DataLossError(
      absl::StrCat("egress journal is not as it was written; keep the file and compare its "
                   "head with the ledger's evaluation entries: line ",
                   line, ": ", problem));
}

// Checks one line against the chain so far and moves `end` past it.
absl::StatusOr<JournalRow> CheckLine(absl::string_view line, JournalEnd& end) {
  const uint64_t number = end.rows + 1;
  auto row = ParseRow(line);
  if (!row.ok()) return Damaged(number, row.status().message());
  if (row->number != number) return Damaged(number, absl::StrCat("its number is ", row->number));
  if (row->previous != end.head) return Damaged(number, "it does not follow from the row before");
  end.rows = number;
  end.head = RowHash(line);
  end.complete_bytes += line.size() + 1;
  return row;
}

}  // namespace

absl::StatusOr<JournalEnd> ReadJournal(const std::string& path,
                                       const std::function<absl::Status(const JournalRow&)>& take) {
  ASSIGN_OR_RETURN(const FileDescriptor file, OpenFile(path, O_RDONLY));
  JournalEnd end;
  end.head = JournalStart();
  std::string pending;
  std::vector<char> block(kBlockBytes);
  for (uint64_t offset = 0;;) {
    ASSIGN_OR_RETURN(const size_t count, ReadAt(file, offset, block.data(), block.size()));
    if (count == 0) break;
    offset += count;
    pending.append(block.data(), count);
    size_t start = 0;
    for (size_t stop; (stop = pending.find('\n', start)) != std::string::npos; start = stop + 1) {
      ASSIGN_OR_RETURN(const JournalRow row,
                       CheckLine(absl::string_view(pending).substr(start, stop - start), end));
      RETURN_IF_ERROR(take(row));
    }
    pending.erase(0, start);
    if (pending.size() > kMaxRowBytes) return Damaged(end.rows + 1, "it has no end");
  }
  end.torn_bytes = pending.size();
  return end;
}

void JournalSums::Add(const JournalRow& row) {
  const auto add = [&row](Sum& sum) {
    sum.rows += 1;
    sum.messages += row.messages;
    sum.bytes += row.bytes;
  };
  add(by_type[row.type]);
  add(total);
  if (row.derived()) add(by_job[row.job_id]);
}

}  // namespace consort::node
