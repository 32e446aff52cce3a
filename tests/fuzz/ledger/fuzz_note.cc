// Signed notes as any log or witness may serve them.
#include <cstdint>
#include <cstdlib>

#include "absl/strings/match.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/note.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view note(reinterpret_cast<const char*>(data), size);
  const auto checkpoint = consort::ledger::ReadCheckpoint(note);
  if (checkpoint.ok() && !absl::StartsWith(note, checkpoint->Text())) std::abort();
  const auto parsed = consort::ledger::ParseNote(note);
  if (parsed.ok() && consort::ledger::SpellNote(*parsed) != note) std::abort();
  if (parsed.ok()) {
    // One order of the lines, whatever they are: sorting again changes nothing.
    const auto sorted = consort::ledger::WithSignatures(note, {});
    if (!sorted.ok() || sorted->size() != note.size() ||
        consort::ledger::WithSignatures(*sorted, {parsed->signatures[0].Line()}).value() != *sorted) {
      std::abort();
    }
  }
  // The one key that is known has signed nothing in the corpus.
  static const auto* const key = new consort::SigningKey(consort::SigningKey::Generate("ledger.demo/music"));
  if (consort::ledger::OpenCheckpoint(note, {key->verifier()}).ok()) std::abort();
  return 0;
}
