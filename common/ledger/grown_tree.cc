#include "common/ledger/grown_tree.h"

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace consort::ledger {

absl::Status GrownTree::Append(const Digest& leaf_hash) {
  Digest hash = leaf_hash;
  uint64_t n = size_++;
  for (size_t level = 0;; ++level, n /= 2) {
    if (level == levels_.size()) levels_.emplace_back();
    levels_[level].push_back(hash);
    if (n % 2 == 0) return absl::OkStatus();
    ASSIGN_OR_RETURN(const Digest left, Subtree(static_cast<int>(level), n - 1));
    hash = NodeHash(left, hash);
  }
}

absl::StatusOr<Digest> GrownTree::Root(uint64_t size) const {
  if (size > size_)
    return absl::OutOfRangeError(absl::StrCat("the tree has ", size_, " leaves; asked for ", size));
  return RootOf(size, [this](int level, uint64_t n) { return Subtree(level, n); });
}

absl::StatusOr<Digest> GrownTree::Subtree(int level, uint64_t n) const {
  const uint64_t first = base_ >> level;  // the first that is not complete in the stored tree
  if (n < first) return stored_(level, n);
  return levels_.at(level).at(n - first);
}

}  // namespace consort::ledger
