// One ledger entry: a DSSE v1 envelope in its one spelling around an in-toto Statement v1 in integer-only
// RFC 8785 JSON. The bytes are the leaf; nobody re-serialises them. Byte format: docs/formats/ledger.md.
#ifndef CONSORT_COMMON_LEDGER_ENTRY_H_
#define CONSORT_COMMON_LEDGER_ENTRY_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/crypto/signing_key.h"
#include "nlohmann/json_fwd.hpp"

namespace consort::ledger {

inline constexpr size_t kMaxEntryBytes = 16 * 1024;  // product limit; the format's is 65,535
inline constexpr int kMaxJsonDepth = 32;             // objects and lists inside one another

// The kinds of entry. Permanent: a name is never reused for another meaning.
enum class Kind {
  kKeyEnrol,
  kKeyRotate,
  kKeyRevoke,
  kPolicyChange,
  kTemplates,
  kRoster,
  kJob,
  kApproval,
  kRoundOpen,
  kContribution,
  kDecision,
  kAggregation,
  kEvaluation,
  kModelRelease,
  kExplanation,
  kWithdrawal,
  kErasure,
  kIncident,
  kReceipt,  // a receipt is signed like an entry but never becomes a leaf
};
absl::string_view KindName(Kind kind);  // "key-enrol", ...
absl::StatusOr<Kind> KindFromName(absl::string_view name);
std::string PredicateType(Kind kind);  // "urn:x-consort:<kind>:v1"

struct Subject {
  std::string name;
  std::string sha256;  // 64 lower-case hex digits
};

struct Statement {
  Kind kind;
  std::vector<Subject> subjects;  // at least one
  std::string predicate;          // canonical JSON object
  // The predicate as it was parsed, so that nobody need parse it again; may be null.
  std::shared_ptr<const nlohmann::json> parsed;
};

// Canonical JSON (RFC 8785 restricted to ASCII member names, NFC strings are the caller's duty, integers
// within 2^53-1). Errors: InvalidArgument naming the member for floats, big integers, non-ASCII names, bad
// UTF-8.
absl::StatusOr<std::string> CanonicalJson(const nlohmann::json& value);
// Parses JSON strictly: no duplicate keys, no lone surrogates, no trailing bytes; depth at most 32.
absl::StatusOr<nlohmann::json> ParseStrictJson(absl::string_view text);

// Builds and signs an envelope. Errors: InvalidArgument as CanonicalJson, or for no subject;
// ResourceExhausted past kMaxEntryBytes.
absl::StatusOr<std::string> SealEntry(Kind kind, const std::vector<Subject>& subjects,
                                      const nlohmann::json& predicate,
                                      absl::Span<const SigningKey* const> signers);

struct OpenedEntry {
  Statement statement;
  std::vector<std::string> signers;  // KeyIds with a good signature, sorted
  std::string payload_digest;        // hex SHA-256 of the DSSE pre-authentication encoding: replay detection
};
// Parses strictly and checks every signature. Errors: InvalidArgument for any spelling but the canonical one,
// an unknown predicate type or a payload that is not canonical; ResourceExhausted for size; Unauthenticated
// unless all signatures are good ones of `keys`.
absl::StatusOr<OpenedEntry> OpenEntry(absl::string_view envelope, absl::Span<const VerifierKey> keys);
// The same without signatures: for readers that only show.
absl::StatusOr<Statement> ReadEntry(absl::string_view envelope);

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_ENTRY_H_
