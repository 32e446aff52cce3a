// Envelopes and statements as any archive may send them.
#include <cstdint>
#include <cstdlib>

#include "common/ledger/entry.h"
#include "common/ledger/envelope.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto envelope = consort::ledger::ParseEnvelope(bytes);
  if (envelope.ok() && consort::ledger::SpellEnvelope(*envelope) != bytes) std::abort();
  const auto statement = consort::ledger::ReadEntry(bytes);
  if (statement.ok() && statement->subjects.empty()) std::abort();
  // No key is known: nothing may be accepted as signed.
  if (consort::ledger::OpenEntry(bytes, {}).ok()) std::abort();
  return 0;
}
