// C2SP tlog-checkpoints: the ledger's signed size and root, as a signed note (note.h).
#ifndef CONSORT_COMMON_LEDGER_CHECKPOINT_H_
#define CONSORT_COMMON_LEDGER_CHECKPOINT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/crypto/digest.h"
#include "common/crypto/signing_key.h"
#include "common/ledger/note.h"

namespace consort::ledger {

struct Checkpoint {
  std::string origin;
  uint64_t size = 0;
  Digest root{};

  // The note's text: three lines, each ended by LF.
  std::string Text() const;
};

// The note with one signature line of `key` (kEd25519). The whole is what leaves the process.
std::string SignCheckpoint(const Checkpoint& checkpoint, const SigningKey& key);

struct OpenedCheckpoint {
  Checkpoint checkpoint;
  std::string text;
  std::vector<std::string> signers;     // KeyIds of the known keys with a good signature
  std::vector<GoodSignature> cosigned;  // those of `witness_keys` among them
};
// Parses a note strictly (format, canonical base64, no extension lines) and checks every signature of a known
// key. Errors: InvalidArgument for the format; Unauthenticated if no `log_keys` signature is there or any
// known key's signature is bad.
absl::StatusOr<OpenedCheckpoint> OpenCheckpoint(absl::string_view note,
                                                absl::Span<const VerifierKey> log_keys,
                                                absl::Span<const VerifierKey> witness_keys = {});
// The same without signatures: for readers that only show. Errors: InvalidArgument for the format.
absl::StatusOr<Checkpoint> ReadCheckpoint(absl::string_view note);

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_CHECKPOINT_H_
