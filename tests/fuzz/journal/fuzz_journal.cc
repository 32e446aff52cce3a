// Any bytes as an egress journal: rows come out numbered without a gap, each in its one spelling, and
// together they are the file.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "node/journal/journal_reader.h"
#include "node/journal/journal_row.h"
#include "tests/fuzz/support/memory_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const auto row = consort::node::ParseRow(text);
  if (row.ok() && consort::node::FormatRow(*row) != text) std::abort();

  const consort::testing::MemoryFile file(data, size);
  std::string lines;
  const auto end = consort::node::ReadJournal(file.path(), [&](const consort::node::JournalRow& next) {
    absl::StrAppend(&lines, consort::node::FormatRow(next), "\n");
    return absl::OkStatus();
  });
  if (end.ok() &&
      (text.substr(0, end->complete_bytes) != lines || end->complete_bytes + end->torn_bytes != size)) {
    std::abort();
  }
  return 0;
}
