#include "absl/strings/str_cat.h"
#include "common/ledger/merkle_tree.h"

namespace consort::ledger {

void MemoryTree::Append(const Digest& leaf_hash) {
  Digest hash = leaf_hash;
  for (size_t level = 0;; ++level) {
    if (level == levels_.size()) levels_.emplace_back();
    std::vector<Digest>& hashes = levels_[level];
    hashes.push_back(hash);
    if (hashes.size() % 2 != 0) return;
    hash = NodeHash(hashes[hashes.size() - 2], hashes.back());
  }
}

void MemoryTree::Truncate(uint64_t size) {
  for (size_t level = 0; level < levels_.size(); ++level) levels_[level].resize(size >> level);
  while (!levels_.empty() && levels_.back().empty()) levels_.pop_back();
}

uint64_t MemoryTree::size() const { return levels_.empty() ? 0 : levels_.front().size(); }

absl::StatusOr<Digest> MemoryTree::Root(uint64_t size) const {
  if (size > this->size()) {
    return absl::OutOfRangeError(absl::StrCat("the tree has ", this->size(), " leaves; asked for ", size));
  }
  return RootOf(size, Reader());
}

absl::StatusOr<Digest> MemoryTree::Subtree(int level, uint64_t n) const {
  if (level < 0 || static_cast<size_t>(level) >= levels_.size() || n >= levels_[level].size()) {
    return absl::OutOfRangeError(absl::StrCat("the tree has no complete subtree ", n, " at level ", level));
  }
  return levels_[level][n];
}

SubtreeHash MemoryTree::Reader() const {
  return [this](int level, uint64_t n) { return Subtree(level, n); };
}

}  // namespace consort::ledger
