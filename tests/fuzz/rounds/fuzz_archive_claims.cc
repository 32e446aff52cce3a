// Claims of archives that say anything: refused with the member that is wrong, or read with types and bounds.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "coordinator/rounds/archive_entries.h"
#include "tests/fuzz/support/entry_lines.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace consort::coordinator;
  for (const auto& line : consort::testing::EntryLines({reinterpret_cast<const char*>(data), size})) {
    ReadApproval(line.envelope).status().IgnoreError();
    ReadContribution(line.envelope).status().IgnoreError();
    const auto evaluation = ReadEvaluation(line.envelope);
    if (!evaluation.ok()) continue;
    for (const auto& tradition : evaluation->scores) {
      for (const auto& [before, after] : tradition.pairs) {
        if (!std::isfinite(before) || !std::isfinite(after) || before < 0 || after < 0) std::abort();
      }
    }
  }
  return 0;
}
