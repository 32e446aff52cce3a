// JSON text of anybody. Canonical text must be a fixed point.
#include <cstdint>
#include <cstdlib>

#include "common/ledger/entry.h"
#include "nlohmann/json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto parsed = consort::ledger::ParseStrictJson({reinterpret_cast<const char*>(data), size});
  if (!parsed.ok()) return 0;
  const auto canonical = consort::ledger::CanonicalJson(*parsed);
  if (!canonical.ok()) return 0;
  const auto again = consort::ledger::ParseStrictJson(*canonical);
  if (!again.ok() || *again != *parsed) std::abort();
  if (consort::ledger::CanonicalJson(*again).value() != *canonical) std::abort();
  return 0;
}
