// Signed notes as any log or witness may serve them.
#include <cstdint>
#include <cstdlib>

#include "absl/strings/match.h"
#include "common/ledger/checkpoint.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view note(reinterpret_cast<const char*>(data), size);
  const auto checkpoint = consort::ledger::ReadCheckpoint(note);
  if (checkpoint.ok() && !absl::StartsWith(note, checkpoint->Text())) std::abort();
  // The one key that is known has signed nothing in the corpus.
  static const auto* const key = new consort::SigningKey(consort::SigningKey::Generate("ledger.demo/music"));
  if (consort::ledger::OpenCheckpoint(note, {key->verifier()}).ok()) std::abort();
  return 0;
}
