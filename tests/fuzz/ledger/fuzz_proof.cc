// Proofs as a dishonest log may serve them. For a tree that we hold, the one proof that is accepted is the
// one that we would make.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/ledger/merkle_tree.h"

namespace {

using namespace consort::ledger;

constexpr uint64_t kLeaves = 40;

const MemoryTree& Tree() {
  static const auto* const tree = [] {
    auto* made = new MemoryTree();
    for (uint64_t leaf = 0; leaf < kLeaves; ++leaf) made->Append(LeafHash(absl::StrCat(leaf)));
    return made;
  }();
  return *tree;
}

// A byte of the input names a hash of the tree, so that changed proofs stay near good ones; the last value
// makes a hash of nothing in it.
consort::Digest HashNamed(uint8_t byte) {
  consort::Digest hash{};
  if (byte < kLeaves) return Tree().Subtree(0, byte).value();
  const int level = 1 + (byte - static_cast<int>(kLeaves)) / 20;
  const auto subtree = Tree().Subtree(level, (byte - kLeaves) % 20);
  if (!subtree.ok()) hash.fill(byte);
  return subtree.ok() ? *subtree : hash;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const uint64_t first = data[0];
  const uint64_t second = data[1];
  std::vector<consort::Digest> proof;
  for (size_t i = 2; i < size; ++i) proof.push_back(HashNamed(data[i]));
  const bool in_tree = second <= kLeaves;
  const consort::Digest root = in_tree ? Tree().Root(second).value() : HashNamed(data[1]);

  const consort::Digest leaf = HashNamed(data[0]);
  if (VerifyInclusion(leaf, first, second, proof, root).ok()) {
    if (!in_tree || InclusionProof(first, second, Tree().Reader()).value() != proof) std::abort();
  }
  const consort::Digest old_root = first <= kLeaves ? Tree().Root(first).value() : HashNamed(data[0]);
  if (VerifyConsistency(first, old_root, second, root, proof).ok()) {
    // Equal roots prove themselves, and every tree grew out of the empty one.
    const bool same = (first == second || first == 0) && proof.empty();
    if (!same && (!in_tree || ConsistencyProof(first, second, Tree().Reader()).value() != proof))
      std::abort();
  }
  return 0;
}
