// C2SP signed notes and tlog-checkpoints: the ledger's signed size and root.
#ifndef CONSORT_COMMON_LEDGER_CHECKPOINT_H_
#define CONSORT_COMMON_LEDGER_CHECKPOINT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/crypto/digest.h"
#include "common/crypto/signing_key.h"

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

// One cosignature/v1 line (with LF) of a witness over a checkpoint's text.
std::string CosignatureLine(absl::string_view text, const SigningKey& key, absl::Time when);

struct OpenedCheckpoint {
  Checkpoint checkpoint;
  std::string text;
  std::vector<std::string> signers;  // KeyIds of the known keys with a good signature
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
