// The kinds of tampering that transparency-dev's proof vectors hold, by name, on the eight leaves that
// Certificate Transparency's implementations share. The good proofs are those of RFC 6962 2.1, made by a
// plain reference; what catches each is the checking of RFC 9162 2.1.3.2 and 2.1.4.2.
#include <algorithm>
#include <functional>
#include <string>

#include "common/ledger/merkle_tree.h"
#include "tests/common/ledger/plain_tree.h"
#include "tests/support/status_matchers.h"

namespace consort::ledger {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::KnownEntries;
using ::consort::testing::Leaves;
using ::consort::testing::PlainConsistency;
using ::consort::testing::PlainLeaf;
using ::consort::testing::PlainLeaves;
using ::consort::testing::PlainPath;
using ::consort::testing::PlainRoot;

struct Inclusion {
  Digest leaf;
  uint64_t index;
  uint64_t size;
  std::vector<Digest> proof;
  Digest root;
  absl::Status Check() const { return VerifyInclusion(leaf, index, size, proof, root); }
};
struct Consistency {
  uint64_t old_size;
  Digest old_root;
  uint64_t size;
  Digest root;
  std::vector<Digest> proof;
  absl::Status Check() const { return VerifyConsistency(old_size, old_root, size, root, proof); }
};
template <class Proof>
struct Kind {
  const char* name;
  std::function<void(Proof&)> tamper;
};

const std::vector<Digest>& Eight() {
  static const auto* const leaves = new std::vector<Digest>(PlainLeaves(KnownEntries()));
  return *leaves;
}
Leaves FirstOf(size_t size) { return Leaves(Eight()).subspan(0, size); }

std::vector<Kind<Inclusion>> InclusionKinds() {
  return {
      {"IndexOneLess", [](Inclusion& p) { --p.index; }},
      {"IndexOneMore", [](Inclusion& p) { ++p.index; }},
      {"IndexFlippedInItsLowestBit", [](Inclusion& p) { p.index ^= 1; }},
      {"IndexFlippedInAHigherBit", [](Inclusion& p) { p.index ^= 2; }},
      {"SizeHalved", [](Inclusion& p) { p.size /= 2; }},
      {"SizeDoubled", [](Inclusion& p) { p.size *= 2; }},
      {"SizeZero", [](Inclusion& p) { p.size = 0; }},
      {"AnotherLeaf", [](Inclusion& p) { p.leaf = PlainLeaf("another"); }},
      {"AnotherRoot", [](Inclusion& p) { p.root = PlainLeaf("another"); }},
      {"EmptyRoot", [](Inclusion& p) { p.root = EmptyRoot(); }},
      {"RootAsLeaf", [](Inclusion& p) { p.leaf = p.root; }},
      {"EmptyProof", [](Inclusion& p) { p.proof.clear(); }},
      {"RootInPlaceOfTheProof", [](Inclusion& p) { p.proof = {p.root}; }},
      {"TruncatedAtItsEnd", [](Inclusion& p) { p.proof.pop_back(); }},
      {"TruncatedAtItsStart", [](Inclusion& p) { p.proof.erase(p.proof.begin()); }},
      {"ExtendedByTheRoot", [](Inclusion& p) { p.proof.push_back(p.root); }},
      {"ExtendedByAnEmptyHash", [](Inclusion& p) { p.proof.push_back(EmptyRoot()); }},
      {"PrefixedByTheLeaf", [](Inclusion& p) { p.proof.insert(p.proof.begin(), p.leaf); }},
      {"PrefixedByTheRoot", [](Inclusion& p) { p.proof.insert(p.proof.begin(), p.root); }},
      {"HashInserted", [](Inclusion& p) { p.proof.insert(p.proof.begin() + 1, p.proof[0]); }},
      {"SiblingsSwapped", [](Inclusion& p) { std::swap(p.proof[0], p.proof[1]); }},
      {"Reversed", [](Inclusion& p) { std::reverse(p.proof.begin(), p.proof.end()); }},
      {"BitFlippedInTheFirstHash", [](Inclusion& p) { p.proof.front()[0] ^= 0x80; }},
      {"BitFlippedInTheLastHash", [](Inclusion& p) { p.proof.back()[31] ^= 1; }},
  };
}

std::vector<Kind<Consistency>> ConsistencyKinds() {
  return {
      {"OldSizeOneLess", [](Consistency& p) { --p.old_size; }},
      {"OldSizeOneMore", [](Consistency& p) { ++p.old_size; }},
      {"OldSizeZero", [](Consistency& p) { p.old_size = 0; }},
      {"SizeDoubled", [](Consistency& p) { p.size *= 2; }},
      {"SizeHalved", [](Consistency& p) { p.size /= 2; }},
      {"SizesSwapped", [](Consistency& p) { std::swap(p.old_size, p.size); }},
      {"AnotherOldRoot", [](Consistency& p) { p.old_root = PlainLeaf("another"); }},
      {"AnotherRoot", [](Consistency& p) { p.root = PlainLeaf("another"); }},
      {"EmptyOldRoot", [](Consistency& p) { p.old_root = EmptyRoot(); }},
      {"RootsSwapped", [](Consistency& p) { std::swap(p.old_root, p.root); }},
      {"OldRootForBoth", [](Consistency& p) { p.root = p.old_root; }},
      {"EmptyProof", [](Consistency& p) { p.proof.clear(); }},
      {"OldRootInPlaceOfTheProof", [](Consistency& p) { p.proof = {p.old_root}; }},
      {"RootInPlaceOfTheProof", [](Consistency& p) { p.proof = {p.root}; }},
      {"TruncatedAtItsEnd", [](Consistency& p) { p.proof.pop_back(); }},
      {"TruncatedAtItsStart", [](Consistency& p) { p.proof.erase(p.proof.begin()); }},
      {"ExtendedByTheRoot", [](Consistency& p) { p.proof.push_back(p.root); }},
      {"PrefixedByTheOldRoot", [](Consistency& p) { p.proof.insert(p.proof.begin(), p.old_root); }},
      {"PrefixedByTheRoot", [](Consistency& p) { p.proof.insert(p.proof.begin(), p.root); }},
      {"HashInserted", [](Consistency& p) { p.proof.insert(p.proof.begin() + 1, p.proof[0]); }},
      {"SiblingsSwapped", [](Consistency& p) { std::swap(p.proof[0], p.proof[1]); }},
      {"BitFlippedInTheFirstHash", [](Consistency& p) { p.proof.front()[0] ^= 0x80; }},
      {"BitFlippedInTheLastHash", [](Consistency& p) { p.proof.back()[31] ^= 1; }},
  };
}

class InclusionTamperingTest : public ::testing::TestWithParam<Kind<Inclusion>> {};
TEST_P(InclusionTamperingTest, IsRefusedForEveryLeafWhoseProofItChanges) {
  int tampered = 0;
  for (const size_t size : {6u, 8u}) {
    for (uint64_t index = 1; index < size; ++index) {
      Inclusion proof{Eight()[index], index, size, PlainPath(index, FirstOf(size)), PlainRoot(FirstOf(size))};
      if (proof.proof.size() < 2) continue;  // too short for every kind
      ASSERT_THAT(proof.Check(), IsOk()) << index << " of " << size;
      GetParam().tamper(proof);
      EXPECT_FALSE(proof.Check().ok()) << index << " of " << size;
      ++tampered;
    }
  }
  EXPECT_GE(tampered, 10);
}
INSTANTIATE_TEST_SUITE_P(Kinds, InclusionTamperingTest, ::testing::ValuesIn(InclusionKinds()),
                         [](const auto& info) { return info.param.name; });

class ConsistencyTamperingTest : public ::testing::TestWithParam<Kind<Consistency>> {};
TEST_P(ConsistencyTamperingTest, IsRefusedForEveryPairOfSizes) {
  int tampered = 0;
  for (const auto& [old_size, size] :
       {std::pair<size_t, size_t>{3, 7}, {3, 8}, {5, 8}, {6, 8}, {6, 7}, {7, 8}}) {
    Consistency proof{old_size, PlainRoot(FirstOf(old_size)), size, PlainRoot(FirstOf(size)),
                      PlainConsistency(old_size, FirstOf(size))};
    if (proof.proof.size() < 2) continue;
    ASSERT_THAT(proof.Check(), IsOk()) << old_size << " to " << size;
    GetParam().tamper(proof);
    EXPECT_FALSE(proof.Check().ok()) << old_size << " to " << size;
    ++tampered;
  }
  EXPECT_GE(tampered, 5);
}
INSTANTIATE_TEST_SUITE_P(Kinds, ConsistencyTamperingTest, ::testing::ValuesIn(ConsistencyKinds()),
                         [](const auto& info) { return info.param.name; });

// Size 0 is a prefix of everything by an empty proof (tlog-witness); transparency-dev calls that an error.
TEST(SizeZeroTest, IsAPrefixByAnEmptyProofAndItsOwnRootAlone) {
  const Digest root = PlainRoot(FirstOf(8));
  EXPECT_THAT(VerifyConsistency(0, EmptyRoot(), 8, root, {}), IsOk());
  EXPECT_THAT(VerifyConsistency(0, EmptyRoot(), 0, EmptyRoot(), {}), IsOk());
  EXPECT_FALSE(VerifyConsistency(0, root, 8, root, {}).ok());
  EXPECT_FALSE(VerifyConsistency(0, EmptyRoot(), 0, root, {}).ok());
  EXPECT_FALSE(VerifyConsistency(0, EmptyRoot(), 8, root, {root}).ok());
  EXPECT_FALSE(VerifyConsistency(8, root, 0, EmptyRoot(), {}).ok());
}

}  // namespace
}  // namespace consort::ledger
