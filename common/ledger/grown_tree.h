// A tree that grows on a stored one of which only some hashes can be asked for. Private to common/ledger.
#ifndef CONSORT_COMMON_LEDGER_GROWN_TREE_H_
#define CONSORT_COMMON_LEDGER_GROWN_TREE_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/crypto/digest.h"
#include "common/ledger/merkle_tree.h"

namespace consort::ledger {

// Memory: two hashes a new leaf. Not thread-safe.
class GrownTree {
 public:
  // `stored`: of a tree of at least `size` leaves. No subtree that reaches past them is asked for.
  GrownTree(uint64_t size, SubtreeHash stored) : base_(size), size_(size), stored_(std::move(stored)) {}

  // Errors: those of `stored`; the tree is of no more use then.
  absl::Status Append(const Digest& leaf_hash);
  uint64_t size() const { return size_; }
  // Errors: OutOfRange past size(); those of `stored`.
  absl::StatusOr<Digest> Root(uint64_t size) const;

 private:
  absl::StatusOr<Digest> Subtree(int level, uint64_t n) const;

  const uint64_t base_;
  uint64_t size_;
  SubtreeHash stored_;
  std::vector<std::vector<Digest>>
      levels_;  // complete subtrees that reach past base_, the first is base_ >> level
};

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_GROWN_TREE_H_
