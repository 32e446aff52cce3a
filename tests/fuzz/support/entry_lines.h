// Ledger entries in a form that a fuzzer can change: signatures and base64 would refuse nearly every change.
#ifndef CONSORT_TESTS_FUZZ_SUPPORT_ENTRY_LINES_H_
#define CONSORT_TESTS_FUZZ_SUPPORT_ENTRY_LINES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "common/ledger/entry.h"
#include "common/ledger/envelope.h"
#include "nlohmann/json.hpp"

namespace consort::testing {

struct EntryLine {
  std::string keyid;
  std::string envelope;  // well-formed, its signature worth nothing
};

// One entry a line: keyid, a space, the statement as JSON in any spelling. Lines that are no entry are left
// out.
inline std::vector<EntryLine> EntryLines(absl::string_view text) {
  std::vector<EntryLine> entries;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits(' ', 1));
    const auto statement = ledger::ParseStrictJson(parts.second);
    if (!statement.ok()) continue;
    const auto payload = ledger::CanonicalJson(*statement);
    if (!payload.ok()) continue;
    const std::string keyid(parts.first);
    entries.push_back({keyid, ledger::SpellEnvelope({*payload, {{keyid, std::string(64, '\0')}}})});
  }
  return entries;
}

}  // namespace consort::testing

#endif  // CONSORT_TESTS_FUZZ_SUPPORT_ENTRY_LINES_H_
