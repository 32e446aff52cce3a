// Proof files as anybody may hand them to a verifier.
#include <cstdint>
#include <cstdlib>

#include "common/ledger/tlog_proof.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace consort::ledger;
  const absl::string_view file(reinterpret_cast<const char*>(data), size);
  const auto proof = ParseTlogProof(file);
  if (proof.ok() && FormatTlogProof(*proof) != file) std::abort();
  // The one key that is trusted has signed nothing in the corpus.
  static const auto* const policy = new Policy(
      Policy::Parse(
          MajorityPolicy(consort::SigningKey::Generate("ledger.demo/music").verifier(), {}, 0).value())
          .value());
  if (CheckTlogProof(file, "entry", *policy, {}).ok()) std::abort();
  if (proof.ok() && QuorumNote(proof->note, *policy).ok() &&
      QuorumNote(proof->note, *policy)->size() > proof->note.size())
    std::abort();
  return 0;
}
