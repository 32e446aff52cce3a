// Entries that say anything: DataLoss, or a page in which no text of theirs can start an element of its own.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "common/explain/job_report.h"
#include "tests/fuzz/support/entry_lines.h"

// The job of the documented examples (docs/formats/ledger-examples.md), which are the seed.
constexpr char kJobId[] = "573a27e9412de64e268a9f45516ba0be";

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<consort::explain::ReportEntry> entries;
  for (const auto& line : consort::testing::EntryLines({reinterpret_cast<const char*>(data), size})) {
    entries.push_back({entries.size(), line.envelope});
  }
  const auto page = consort::explain::RenderJobReport(kJobId, entries, {});
  if (!page.ok() && !absl::IsDataLoss(page.status()) && !absl::IsNotFound(page.status())) std::abort();
  if (page.ok() && absl::StrContains(*page, "<script")) std::abort();
  return 0;
}
