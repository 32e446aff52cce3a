// C2SP signed notes: a text, a blank line, and one line per signature. Checkpoints are notes; what their text
// says is checkpoint.h's business.
#ifndef CONSORT_COMMON_LEDGER_NOTE_H_
#define CONSORT_COMMON_LEDGER_NOTE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/crypto/signing_key.h"

namespace consort::ledger {

inline constexpr size_t kMaxNoteBytes = 64 * 1024;
inline constexpr size_t kMaxNoteSignatures = 100;  // as Go's x/mod; C2SP asks verifiers for at least 16

// One signature line. Of an algorithm that is not known here it is kept and passed on as it is.
struct NoteSignature {
  std::string key_name;
  std::string key_id;  // 4 bytes
  std::string bytes;   // what follows the key id, at least one byte

  std::string Line() const;  // with its LF
};

struct Note {
  std::string text;                       // with its last LF
  std::vector<NoteSignature> signatures;  // at least one; no key twice
};

// Errors: InvalidArgument unless `note` is spelled as SpellNote would: UTF-8 without control characters but
// LF, canonical base64, at most kMaxNoteBytes and kMaxNoteSignatures, no key twice.
absl::StatusOr<Note> ParseNote(absl::string_view note);
std::string SpellNote(const Note& note);

// Parses one signature line, with or without its LF. Errors: InvalidArgument.
absl::StatusOr<NoteSignature> ParseSignatureLine(absl::string_view line);

// Adds signature lines to a note, in one spelling whatever the order of the calls: signatures under the name
// that the text's first line gives (a checkpoint's log) come first, then by key name and id. A key that has
// signed already keeps its older signature. Signatures are not checked. Errors: InvalidArgument for a
// malformed note or line; ResourceExhausted past kMaxNoteSignatures.
absl::StatusOr<std::string> WithSignatures(absl::string_view note, absl::Span<const std::string> lines);

// A good signature of a known key.
struct GoodSignature {
  std::string keyid;  // VerifierKey::KeyId
  KeyAlgorithm algorithm = KeyAlgorithm::kEd25519;
  int64_t unix_seconds = 0;  // kCosignatureV1: when the cosigner signed, by its own clock

  absl::string_view name() const { return absl::string_view(keyid).substr(0, keyid.rfind('+')); }
};
// Checks every signature of a known key and gives those in their order; others are ignored, so that keys can
// overlap. Errors: Unauthenticated if a known key's signature is bad.
absl::StatusOr<std::vector<GoodSignature>> CheckSignatures(const Note& note,
                                                           absl::Span<const VerifierKey> keys);

// The line (with LF) of a key over a note's text: algorithm 01.
std::string SignatureLine(absl::string_view text, const SigningKey& key);
// One cosignature/v1 line (with LF) over a checkpoint's text: algorithm 04 (C2SP tlog-cosignature).
// Precondition: `when` is after 1970.
std::string CosignatureLine(absl::string_view text, const SigningKey& key, absl::Time when);

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_NOTE_H_
