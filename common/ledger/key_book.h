// The keys that a ledger has named, each with the leaves from which and until which it counts.
#ifndef CONSORT_COMMON_LEDGER_KEY_BOOK_H_
#define CONSORT_COMMON_LEDGER_KEY_BOOK_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/signing_key.h"

namespace consort::ledger {

enum class KeyPurpose { kLog, kEntries, kMirror, kApproval };
absl::string_view PurposeName(KeyPurpose purpose);  // "log", "entries", "mirror", "approval"
// Errors: InvalidArgument.
absl::StatusOr<KeyPurpose> PurposeFromName(absl::string_view name);

// Filled by Rules, which judges first what goes in; everyone else reads. Not thread-safe.
class KeyBook {
 public:
  struct Known {
    std::string owner;  // "coordinator" or an archive
    KeyPurpose purpose;
    VerifierKey key;
    uint64_t from;                     // leaf that named it
    std::optional<uint64_t> replaced;  // leaf of the key-rotate that named its successor
    std::optional<uint64_t> revoked;   // leaf of its key-revoke

    // Whether it counts now. A log key that was replaced does until it is revoked: the two overlap.
    bool in_force() const { return !revoked && (purpose == KeyPurpose::kLog || !replaced); }
    bool operator==(const Known&) const = default;
  };

  void Enrol(absl::string_view owner, KeyPurpose purpose, const VerifierKey& key, uint64_t index);
  // The owner's key in force gives way to `key`.
  void Rotate(absl::string_view owner, KeyPurpose purpose, const VerifierKey& key, uint64_t index);
  void Revoke(absl::string_view keyid, uint64_t index);
  void RevokeAll(absl::string_view owner, uint64_t index);

  const std::vector<Known>& keys() const { return keys_; }  // in the order of their leaves
  // The newest one in force; null: none. The pointer lives until the book changes.
  const Known* InForce(absl::string_view owner, KeyPurpose purpose) const;
  const Known* Find(absl::string_view keyid) const;  // the newest of that KeyId; null: none
  // The key that stands in the place of `keyid` for a checkpoint of `size`: itself, or the newest successor
  // that rotations below `size` have named. Null: none of that KeyId. The pointer lives until the book
  // changes.
  const Known* SuccessorAt(absl::string_view keyid, uint64_t size) const;
  bool HasPublicKey(const VerifierKey& key) const;  // under whatever name and purpose

  // Who may sign a checkpoint of `size`. A checkpoint covers the leaves below its size, so a key counts from
  // the first size that covers the leaf that named it (the first log key: from 0) and no longer for sizes
  // that cover the leaf that revoked it; a mirror's also not for those that cover its rotation.
  std::vector<VerifierKey> LogKeysAt(uint64_t size) const;
  std::vector<VerifierKey> WitnessKeysAt(uint64_t size) const;

  // Every key that may ever have signed an entry: entry and approval keys, each once.
  std::vector<VerifierKey> EntryKeys() const;
  // One verifier key a line, of every key of that purpose that there ever was: keys/* of an export.
  std::string Lines(KeyPurpose purpose) const;

  bool operator==(const KeyBook&) const = default;

 private:
  std::vector<Known> keys_;
};

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_KEY_BOOK_H_
