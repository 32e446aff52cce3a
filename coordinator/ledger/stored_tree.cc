#include "coordinator/ledger/stored_tree.h"

#include <algorithm>
#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace consort::coordinator {
namespace {

// Calls `take(level, n, hash)` for the subtrees of level >= 1 that the leaf at `index` completes, smallest
// first.
absl::Status ForEachCompleted(Transaction& transaction, uint64_t index, Digest hash,
                              const std::function<absl::Status(int, uint64_t, const Digest&)>& take) {
  const ledger::SubtreeHash stored = StoredSubtrees(transaction);
  int level = 0;
  // An odd position is a right child: its left sibling is complete, and so is their parent now.
  for (uint64_t n = index; n % 2 == 1; n /= 2) {
    ASSIGN_OR_RETURN(const Digest left, stored(level, n - 1));
    hash = ledger::NodeHash(left, hash);
    ++level;
    RETURN_IF_ERROR(take(level, n / 2, hash));
  }
  return absl::OkStatus();
}

absl::Status Differs(absl::string_view what) {
  return absl::DataLossError(absl::StrCat(
      "ledger-damaged: stored ledger does not fit its hashes; stop and restore a backup: ", what));
}

}  // namespace

absl::StatusOr<Digest> DigestOfStored(absl::string_view bytes) {
  Digest digest;
  if (bytes.size() != digest.size()) return Differs(absl::StrCat("a hash has ", bytes.size(), " bytes"));
  std::copy(bytes.begin(), bytes.end(), digest.begin());
  return digest;
}

ledger::SubtreeHash StoredSubtrees(Transaction& transaction) {
  return [&transaction](int level, uint64_t n) -> absl::StatusOr<Digest> {
    if (level == 0) {
      const absl::StatusOr<LeafRow> leaf = transaction.GetLeaf(n);
      if (absl::IsNotFound(leaf.status())) return Differs(absl::StrCat("leaf ", n, " is missing"));
      if (!leaf.ok()) return leaf.status();
      return DigestOfStored(leaf->hash);
    }
    const absl::StatusOr<std::string> hash = transaction.GetSubtree(level, n);
    if (absl::IsNotFound(hash.status()))
      return Differs(absl::StrCat("subtree ", level, "/", n, " is missing"));
    if (!hash.ok()) return hash.status();
    return DigestOfStored(*hash);
  };
}

absl::Status StoreLeaf(Transaction& transaction, const LeafRow& leaf) {
  RETURN_IF_ERROR(transaction.InsertLeaf(leaf));
  ASSIGN_OR_RETURN(const Digest hash, DigestOfStored(leaf.hash));
  return ForEachCompleted(transaction, leaf.index, hash,
                          [&transaction](int level, uint64_t n, const Digest& subtree) {
                            return transaction.PutSubtree(level, n, ViewOf(subtree));
                          });
}

absl::Status CheckStoredLeaves(Transaction& transaction, uint64_t start, uint64_t end) {
  uint64_t next = start;
  const ledger::SubtreeHash stored = StoredSubtrees(transaction);
  RETURN_IF_ERROR(transaction.ReadLeaves(start, end, [&](const LeafRow& leaf) -> absl::Status {
    if (leaf.index != next) return Differs(absl::StrCat("leaf ", next, " is missing"));
    ++next;
    const Digest hash = ledger::LeafHash(leaf.body);
    if (leaf.hash != ViewOf(hash)) return Differs(absl::StrCat("leaf ", leaf.index));
    return ForEachCompleted(transaction, leaf.index, hash,
                            [&](int level, uint64_t n, const Digest& computed) -> absl::Status {
                              ASSIGN_OR_RETURN(const Digest kept, stored(level, n));
                              if (kept == computed) return absl::OkStatus();
                              return Differs(absl::StrCat("subtree ", level, "/", n));
                            });
  }));
  if (next != end) return Differs(absl::StrCat("leaf ", next, " is missing"));
  return absl::OkStatus();
}

absl::StatusOr<Digest> StoredRoot(Transaction& transaction, uint64_t size) {
  return ledger::RootOf(size, StoredSubtrees(transaction));
}

}  // namespace consort::coordinator
