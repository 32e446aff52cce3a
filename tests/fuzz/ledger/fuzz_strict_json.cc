// JSON text of anybody. Canonical text must be a fixed point, and the reader of canonical text must take
// exactly that.
#include <cstdint>
#include <cstdlib>

#include "common/ledger/canonical_reader.h"
#include "common/ledger/entry.h"
#include "nlohmann/json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  absl::string_view predicate;
  const auto read = consort::ledger::ReadCanonicalJson(text, predicate);
  const auto parsed = consort::ledger::ParseStrictJson(text);
  const auto canonical = parsed.ok() ? consort::ledger::CanonicalJson(*parsed) : parsed.status();
  if (read.has_value() != (canonical.ok() && *canonical == text)) std::abort();
  if (read.has_value() && *read != *parsed) std::abort();
  if (!canonical.ok()) return 0;
  const auto again = consort::ledger::ParseStrictJson(*canonical);
  if (!again.ok() || *again != *parsed) std::abort();
  if (consort::ledger::CanonicalJson(*again).value() != *canonical) std::abort();
  return 0;
}
