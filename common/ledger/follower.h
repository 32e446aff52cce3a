// Follows a ledger entry by entry and believes nothing that it has not checked: what a witness, a mirror and
// whoever restores a log do with the next entry.
#ifndef CONSORT_COMMON_LEDGER_FOLLOWER_H_
#define CONSORT_COMMON_LEDGER_FOLLOWER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/digest.h"
#include "common/crypto/signing_key.h"
#include "common/ledger/entry_keys.h"
#include "common/ledger/key_book.h"
#include "common/ledger/merkle_tree.h"
#include "common/ledger/rules.h"

namespace consort::ledger {

// Memory: some 300 bytes an entry. Not thread-safe, not copied.
class Follower {
 public:
  // What was pinned, say when an archive was enrolled.
  struct Trust {
    std::string origin;
    std::vector<VerifierKey> log_keys;
    std::vector<VerifierKey> entry_keys;  // the coordinator's
  };
  enum class Signatures {
    kCheck,
    // For entries below a size whose root is pinned: they were checked before. The caller compares RootAt.
    kTrustPinned,
  };

  // `idle_claims`: kAllow for witnesses and whoever reads; kRefuse where entries are taken in.
  explicit Follower(Trust trust, IdleClaims idle_claims = IdleClaims::kAllow);
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  // Judges the next entry: form, signature by a key that is pinned or that an earlier entry names (the first
  // entry names its own; CheckPinned), that it repeats no entry, and the rules. Errors: InvalidArgument,
  // ResourceExhausted and Unauthenticated as OpenEntry; AlreadyExists for a replay; those of Rules::Feed;
  // Unimplemented for a kind that only a later version knows, well signed: update this program, the entry may
  // be good. Messages name the index. After an error everything is as it was before the call.
  absl::Status Take(absl::string_view envelope, Signatures signatures);

  // Errors: Unauthenticated naming the pinned key if the entries so far do not name every pinned key as the
  // coordinator's in its part. To be asked before a root is believed.
  absl::Status CheckPinned() const;

  uint64_t size() const { return tree_.size(); }
  // Errors: OutOfRange past size().
  absl::StatusOr<Digest> RootAt(uint64_t size) const { return tree_.Root(size); }
  // Precondition: index < size().
  Digest LeafHashAt(uint64_t index) const { return tree_.Subtree(0, index).value(); }
  SubtreeHash Subtrees() const { return tree_.Reader(); }  // borrows this

  const KeyBook& keys() const { return rules_.keys(); }
  const Rules& rules() const { return rules_; }

 private:
  absl::Status CheckSignature(const UncheckedEntry& entry) const;

  const Trust trust_;
  const IdleClaims idle_claims_;
  MemoryTree tree_;
  Rules rules_;
  EntryKeys entry_keys_;
  absl::flat_hash_map<Digest, uint64_t> payloads_;  // index by payload digest
};

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_FOLLOWER_H_
