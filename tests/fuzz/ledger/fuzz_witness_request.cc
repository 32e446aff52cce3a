// Requests for a cosignature as any coordinator may send them.
#include <cstdint>
#include <cstdlib>

#include "common/ledger/witness_protocol.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace consort::ledger;
  const absl::string_view body(reinterpret_cast<const char*>(data), size);
  const auto request = ParseAddCheckpoint(body);
  if (request.ok() && FormatAddCheckpoint(*request) != body) std::abort();
  const auto stored = ParseWitnessSize(body);
  if (stored.ok() && FormatWitnessSize(*stored) != body) std::abort();
  // The one key that is trusted has signed nothing in the corpus.
  static const auto* const key = new consort::SigningKey(consort::SigningKey::Generate("ledger.example/kat"));
  const WitnessState state = NewWitnessState("ledger.example/kat");
  const WitnessVerdict verdict = JudgeAddCheckpoint(body, state, {key->verifier()});
  if (verdict.status != 400 && verdict.status != 403 && verdict.status != 404) std::abort();
  if ((verdict.status == 400) == request.ok() || verdict.is_evidence || verdict.next.size != 0) std::abort();
  // The same request with its checkpoint signed anew: now the rules behind the signature decide.
  if (!request.ok()) return 0;
  auto again = *request;
  const Checkpoint checkpoint = ReadCheckpoint(again.note).value();
  again.note = SignCheckpoint({"ledger.example/kat", checkpoint.size, checkpoint.root}, *key);
  const WitnessVerdict judged = JudgeAddCheckpoint(FormatAddCheckpoint(again), state, {key->verifier()});
  if ((judged.status == 200) != (judged.next.note == again.note)) std::abort();
  return 0;
}
