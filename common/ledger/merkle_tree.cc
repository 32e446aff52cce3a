#include "common/ledger/merkle_tree.h"

#include <algorithm>
#include <bit>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace consort::ledger {
namespace {

// RFC 6962 2.1: the largest power of two smaller than `count`. `count` > 1.
uint64_t SplitOf(uint64_t count) { return std::bit_floor(count - 1); }

// The hash of leaves [start, end), where `start` is one that RFC 6962's recursion reaches: a multiple of the
// largest power of two in the range. Depth of recursion: at most 64.
absl::StatusOr<Digest> RangeHash(uint64_t start, uint64_t end, const SubtreeHash& subtree) {
  const uint64_t count = end - start;
  if (std::has_single_bit(count)) return subtree(std::countr_zero(count), start / count);
  const uint64_t split = SplitOf(count);
  ASSIGN_OR_RETURN(const Digest left, RangeHash(start, start + split, subtree));
  ASSIGN_OR_RETURN(const Digest right, RangeHash(start + split, end, subtree));
  return NodeHash(left, right);
}

absl::Status WrongLength(absl::string_view proof, size_t hashes, uint64_t from, uint64_t size) {
  return absl::InvalidArgumentError(absl::StrCat(proof, " proof has the wrong number of hashes; found ",
                                                 hashes, " for ", from, " in a tree of ", size));
}

absl::Status WrongRoot(absl::string_view proof, uint64_t from, uint64_t size) {
  return absl::DataLossError(
      absl::StrCat(proof, " proof does not lead to the expected root; from ", from, " in a tree of ", size));
}

// Moves up from a tree node that is a right child or the last of its level to the next level that joins it.
void ClimbPastLoneNodes(uint64_t& node, uint64_t& last) {
  while (node != 0 && (node & 1) == 0) {
    node >>= 1;
    last >>= 1;
  }
}

}  // namespace

Digest LeafHash(absl::string_view entry) {
  Sha256 hash;
  hash.Update(absl::string_view("\0", 1));
  hash.Update(entry);
  return hash.Finish();
}

Digest NodeHash(const Digest& left, const Digest& right) {
  char bytes[65] = {1};
  std::copy(left.begin(), left.end(), bytes + 1);
  std::copy(right.begin(), right.end(), bytes + 33);
  return Sha256Of(absl::string_view(bytes, sizeof bytes));
}

Digest EmptyRoot() { return Sha256Of(""); }

absl::StatusOr<Digest> RootOf(uint64_t size, const SubtreeHash& subtree) {
  if (size == 0) return EmptyRoot();
  return RangeHash(0, size, subtree);
}

absl::StatusOr<std::vector<Digest>> InclusionProof(uint64_t index, uint64_t size,
                                                   const SubtreeHash& subtree) {
  if (index >= size) {
    return absl::InvalidArgumentError(absl::StrCat("no leaf ", index, " in a tree of ", size));
  }
  std::vector<Digest> proof;
  uint64_t start = 0;
  uint64_t end = size;
  while (end - start > 1) {
    const uint64_t middle = start + SplitOf(end - start);
    const bool left = index < middle;
    ASSIGN_OR_RETURN(proof.emplace_back(),
                     left ? RangeHash(middle, end, subtree) : RangeHash(start, middle, subtree));
    (left ? end : start) = middle;
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

absl::StatusOr<std::vector<Digest>> ConsistencyProof(uint64_t old_size, uint64_t new_size,
                                                     const SubtreeHash& subtree) {
  if (old_size > new_size) {
    return absl::InvalidArgumentError(
        absl::StrCat("a tree of ", new_size, " has no older tree of ", old_size));
  }
  std::vector<Digest> proof;
  if (old_size == 0 || old_size == new_size) return proof;
  uint64_t start = 0;
  uint64_t end = new_size;
  while (old_size != end) {
    const uint64_t middle = start + SplitOf(end - start);
    const bool left = old_size <= middle;
    ASSIGN_OR_RETURN(proof.emplace_back(),
                     left ? RangeHash(middle, end, subtree) : RangeHash(start, middle, subtree));
    (left ? end : start) = middle;
  }
  if (start != 0) {  // otherwise the last hash is the old root, which the verifier has
    ASSIGN_OR_RETURN(proof.emplace_back(), RangeHash(start, end, subtree));
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

absl::Status VerifyInclusion(const Digest& leaf_hash, uint64_t index, uint64_t size,
                             absl::Span<const Digest> proof, const Digest& root) {
  if (index >= size) {
    return absl::InvalidArgumentError(absl::StrCat("no leaf ", index, " in a tree of ", size));
  }
  uint64_t node = index;
  uint64_t last = size - 1;
  Digest hash = leaf_hash;
  for (const Digest& sibling : proof) {
    if (last == 0) return WrongLength("inclusion", proof.size(), index, size);
    if ((node & 1) != 0 || node == last) {
      hash = NodeHash(sibling, hash);
      ClimbPastLoneNodes(node, last);
    } else {
      hash = NodeHash(hash, sibling);
    }
    node >>= 1;
    last >>= 1;
  }
  if (last != 0) return WrongLength("inclusion", proof.size(), index, size);
  return hash == root ? absl::OkStatus() : WrongRoot("inclusion", index, size);
}

absl::Status VerifyConsistency(uint64_t old_size, const Digest& old_root, uint64_t new_size,
                               const Digest& new_root, absl::Span<const Digest> proof) {
  if (old_size > new_size) {
    return absl::InvalidArgumentError(
        absl::StrCat("a tree of ", new_size, " has no older tree of ", old_size));
  }
  if (old_size == 0 || old_size == new_size) {
    if (!proof.empty()) return WrongLength("consistency", proof.size(), old_size, new_size);
    const bool fits =
        (old_size > 0 || old_root == EmptyRoot()) && (old_size < new_size || old_root == new_root);
    return fits ? absl::OkStatus() : WrongRoot("consistency", old_size, new_size);
  }
  // RFC 9162 2.1.4.2, step 2: the proof of a complete old tree leaves its root out.
  const bool starts_at_old_root = std::has_single_bit(old_size);
  if (!starts_at_old_root && proof.empty()) return WrongLength("consistency", 0, old_size, new_size);
  const Digest first = starts_at_old_root ? old_root : proof.front();
  uint64_t node = old_size - 1;
  uint64_t last = new_size - 1;
  const int whole_levels = std::countr_one(node);
  node >>= whole_levels;
  last >>= whole_levels;
  Digest old_hash = first;
  Digest new_hash = first;
  for (const Digest& hash : proof.subspan(starts_at_old_root ? 0 : 1)) {
    if (last == 0) return WrongLength("consistency", proof.size(), old_size, new_size);
    if ((node & 1) != 0 || node == last) {
      old_hash = NodeHash(hash, old_hash);
      new_hash = NodeHash(hash, new_hash);
      ClimbPastLoneNodes(node, last);
    } else {
      new_hash = NodeHash(new_hash, hash);
    }
    node >>= 1;
    last >>= 1;
  }
  if (last != 0) return WrongLength("consistency", proof.size(), old_size, new_size);
  return old_hash == old_root && new_hash == new_root ? absl::OkStatus()
                                                      : WrongRoot("consistency", old_size, new_size);
}

}  // namespace consort::ledger
