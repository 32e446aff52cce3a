// The Merkle tree of RFC 6962 section 2.1: hashes, roots, inclusion and consistency proofs. Values in,
// values out, no I/O. Leaf indices are 0-based; ranges are half-open.
#ifndef CONSORT_COMMON_LEDGER_MERKLE_TREE_H_
#define CONSORT_COMMON_LEDGER_MERKLE_TREE_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/crypto/digest.h"

namespace consort::ledger {

// SHA-256(0x00 || entry).
Digest LeafHash(absl::string_view entry);
// SHA-256(0x01 || left || right).
Digest NodeHash(const Digest& left, const Digest& right);
// The root of no leaves: SHA-256 of nothing.
Digest EmptyRoot();

// Returns the hash of the complete subtree of 2^level leaves that starts at leaf n * 2^level. Level 0 is leaf
// hashes. Never asked for a subtree that is not complete within the tree.
using SubtreeHash = std::function<absl::StatusOr<Digest>(int level, uint64_t n)>;

// Root of the first `size` leaves. Errors: those of `subtree`.
absl::StatusOr<Digest> RootOf(uint64_t size, const SubtreeHash& subtree);

// RFC 6962 2.1.1. Precondition: 0 <= index < size, else InvalidArgument.
absl::StatusOr<std::vector<Digest>> InclusionProof(uint64_t index, uint64_t size, const SubtreeHash& subtree);
// RFC 6962 2.1.2. Precondition: 0 <= old_size <= new_size, else InvalidArgument. Empty for old_size 0 and for
// equal sizes.
absl::StatusOr<std::vector<Digest>> ConsistencyProof(uint64_t old_size, uint64_t new_size,
                                                     const SubtreeHash& subtree);

// RFC 9162 2.1.3.2. Errors: InvalidArgument if index >= size or the proof's length is wrong; DataLoss if the
// root differs.
absl::Status VerifyInclusion(const Digest& leaf_hash, uint64_t index, uint64_t size,
                             absl::Span<const Digest> proof, const Digest& root);
// RFC 9162 2.1.4.2, with size 0 consistent with everything by an empty proof. Errors as above.
absl::Status VerifyConsistency(uint64_t old_size, const Digest& old_root, uint64_t new_size,
                               const Digest& new_root, absl::Span<const Digest> proof);

// All leaf hashes in memory: for verifiers and tests. Not thread-safe.
class MemoryTree {
 public:
  void Append(const Digest& leaf_hash);
  // Forgets every leaf from `size` on. Precondition: size <= size().
  void Truncate(uint64_t size);
  uint64_t size() const;
  // Errors: OutOfRange past size().
  absl::StatusOr<Digest> Root(uint64_t size) const;
  absl::StatusOr<Digest> Subtree(int level, uint64_t n) const;
  SubtreeHash Reader() const;  // borrows this

 private:
  std::vector<std::vector<Digest>> levels_;  // complete subtrees only
};

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_MERKLE_TREE_H_
