// An entry that was read but whose signatures were not checked yet: reading needs no keys, so that it can run
// ahead of what the ledger says about them. Private to common/ledger: callers use entry.h.
#ifndef CONSORT_COMMON_LEDGER_UNCHECKED_ENTRY_H_
#define CONSORT_COMMON_LEDGER_UNCHECKED_ENTRY_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/digest.h"
#include "common/crypto/signing_key.h"
#include "common/ledger/entry.h"
#include "common/ledger/envelope.h"

namespace consort::ledger {

struct UncheckedEntry {
  Statement statement;  // with `parsed`
  // Its predicateType is one of ours in form, but only a later version can know it: statement.kind means
  // nothing.
  bool is_of_later_kind = false;
  std::vector<EnvelopeSignature> signatures;
  std::string signed_bytes;  // DSSE pre-authentication encoding
  Digest payload_digest{};   // SHA-256 of it
};
// Errors: as OpenEntry, but those of signatures and of unknown kinds.
absl::StatusOr<UncheckedEntry> ReadUnchecked(absl::string_view envelope);

// The entry key of that KeyId; null: not known.
using FindEntryKey = std::function<const VerifierKey*(absl::string_view keyid)>;
// A cosigner's key must never pass for an entry key: one key has one part.
inline bool IsEntryKey(const VerifierKey& key) { return key.algorithm() == KeyAlgorithm::kEd25519; }

// Errors: Unauthenticated unless all signatures are good ones of keys that `find` gives.
absl::Status CheckSignatures(const UncheckedEntry& entry, const FindEntryKey& find);

// What to say of an entry of a later kind. Unimplemented: neither the entry nor who sent it is at fault.
absl::Status LaterKind();

// Precondition: its signatures were checked.
OpenedEntry Opened(UncheckedEntry entry);

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_UNCHECKED_ENTRY_H_
