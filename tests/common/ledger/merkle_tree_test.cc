#include "common/ledger/merkle_tree.h"

#include "absl/strings/str_cat.h"
#include "tests/support/status_matchers.h"

namespace consort::ledger {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::testing::_;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The eight leaves and nine roots that Certificate Transparency's implementations test with.
constexpr const char* kLeaves[] = {
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
constexpr const char* kRoots[] = {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                                  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                                  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                                  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                                  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                                  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                                  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                                  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

// RFC 6962 2.1 in its own words: slow, recursive, independent of the code under test.
Digest PlainRoot(absl::Span<const Digest> leaves) {
  if (leaves.empty()) return Sha256Of("");
  if (leaves.size() == 1) return leaves[0];
  size_t split = 1;
  while (split * 2 < leaves.size()) split *= 2;
  return Sha256Of(absl::StrCat("\x01", ViewOf(PlainRoot(leaves.subspan(0, split))),
                               ViewOf(PlainRoot(leaves.subspan(split)))));
}

struct Grown {
  MemoryTree tree;
  std::vector<Digest> leaves;
};
Grown GrowTo(int size) {
  Grown grown;
  for (int i = 0; i < size; ++i) {
    grown.leaves.push_back(LeafHash(absl::StrCat("leaf ", i)));
    grown.tree.Append(grown.leaves.back());
  }
  return grown;
}

TEST(MerkleTreeTest, GivesTheKnownRoots) {
  MemoryTree tree;
  EXPECT_EQ(HexOf(tree.Root(0).value()), kRoots[0]);
  for (int i = 0; i < 8; ++i) {
    tree.Append(LeafHash(HexDecode(kLeaves[i]).value()));
    EXPECT_EQ(HexOf(tree.Root(i + 1).value()), kRoots[i + 1]);
  }
  // An older root stays readable after the tree has grown.
  EXPECT_EQ(HexOf(tree.Root(3).value()), kRoots[3]);
}

TEST(MerkleTreeTest, RootEqualsTheRecursiveDefinition) {
  const Grown grown = GrowTo(70);
  for (size_t size = 0; size <= 70; ++size) {
    EXPECT_EQ(grown.tree.Root(size).value(), PlainRoot(absl::MakeSpan(grown.leaves).subspan(0, size)))
        << size;
  }
}

TEST(MerkleTreeTest, RefusesSizesAndSubtreesBeyondItsLeaves) {
  const Grown grown = GrowTo(5);
  EXPECT_EQ(grown.tree.size(), 5u);
  EXPECT_THAT(grown.tree.Root(6).status(), StatusIs(absl::StatusCode::kOutOfRange, _));
  EXPECT_THAT(grown.tree.Subtree(0, 5).status(), StatusIs(absl::StatusCode::kOutOfRange, _));
  EXPECT_THAT(grown.tree.Subtree(2, 1).status(), StatusIs(absl::StatusCode::kOutOfRange, _));
  EXPECT_THAT(grown.tree.Subtree(-1, 0).status(), StatusIs(absl::StatusCode::kOutOfRange, _));
}

TEST(InclusionProofTest, EveryLeafIsProvedInEveryTree) {
  const Grown grown = GrowTo(33);
  for (uint64_t size = 1; size <= 33; ++size) {
    const Digest root = grown.tree.Root(size).value();
    for (uint64_t index = 0; index < size; ++index) {
      const auto proof = InclusionProof(index, size, grown.tree.Reader());
      ASSERT_THAT(proof, IsOk());
      EXPECT_THAT(VerifyInclusion(grown.leaves[index], index, size, *proof, root), IsOk())
          << index << " " << size;
    }
  }
}

// RFC 6962, section 2.1.3: the tree of 7 leaves and its audit paths.
TEST(InclusionProofTest, FollowsTheExampleOfRfc6962) {
  const Grown grown = GrowTo(7);
  const auto& d = grown.leaves;
  const Digest g = NodeHash(d[0], d[1]);
  const Digest h = NodeHash(d[2], d[3]);
  const Digest i = NodeHash(d[4], d[5]);
  const Digest j = d[6];
  const Digest k = NodeHash(g, h);
  const Digest l = NodeHash(i, j);
  const auto reader = grown.tree.Reader();
  EXPECT_EQ(InclusionProof(0, 7, reader).value(), (std::vector<Digest>{d[1], h, l}));
  EXPECT_EQ(InclusionProof(3, 7, reader).value(), (std::vector<Digest>{d[2], g, l}));
  EXPECT_EQ(InclusionProof(4, 7, reader).value(), (std::vector<Digest>{d[5], j, k}));
  EXPECT_EQ(InclusionProof(6, 7, reader).value(), (std::vector<Digest>{i, k}));
  // The consistency proofs of the same section.
  EXPECT_EQ(ConsistencyProof(3, 7, reader).value(), (std::vector<Digest>{d[2], d[3], g, l}));
  EXPECT_EQ(ConsistencyProof(4, 7, reader).value(), (std::vector<Digest>{l}));
  EXPECT_EQ(ConsistencyProof(6, 7, reader).value(), (std::vector<Digest>{i, j, k}));
}

TEST(InclusionProofTest, NoProofForALeafThatIsNotThere) {
  const Grown grown = GrowTo(3);
  EXPECT_THAT(InclusionProof(3, 3, grown.tree.Reader()).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(VerifyInclusion(grown.leaves[0], 3, 3, {}, Digest{}),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
}

TEST(InclusionProofTest, TamperedProofLeafIndexOrRootFails) {
  const Grown grown = GrowTo(11);
  const Digest root = grown.tree.Root(11).value();
  const std::vector<Digest> proof = InclusionProof(9, 11, grown.tree.Reader()).value();
  for (size_t hash = 0; hash < proof.size(); ++hash) {
    std::vector<Digest> changed = proof;
    changed[hash][31] ^= 1;
    EXPECT_THAT(VerifyInclusion(grown.leaves[9], 9, 11, changed, root),
                StatusIs(absl::StatusCode::kDataLoss, _));
  }
  EXPECT_THAT(VerifyInclusion(grown.leaves[8], 9, 11, proof, root), StatusIs(absl::StatusCode::kDataLoss, _));
  EXPECT_THAT(VerifyInclusion(grown.leaves[9], 8, 11, proof, root), StatusIs(absl::StatusCode::kDataLoss, _));
  EXPECT_THAT(VerifyInclusion(grown.leaves[9], 9, 11, proof, EmptyRoot()),
              StatusIs(absl::StatusCode::kDataLoss, _));
}

TEST(InclusionProofTest, ProofThatIsTooShortOrTooLongIsRefused) {
  const Grown grown = GrowTo(11);
  const Digest root = grown.tree.Root(11).value();
  std::vector<Digest> proof = InclusionProof(9, 11, grown.tree.Reader()).value();
  proof.push_back(root);
  EXPECT_THAT(VerifyInclusion(grown.leaves[9], 9, 11, proof, root),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("wrong number")));
  proof.resize(proof.size() - 2);
  EXPECT_THAT(VerifyInclusion(grown.leaves[9], 9, 11, proof, root),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("wrong number")));
}

TEST(ConsistencyProofTest, EveryOlderTreeIsAPrefix) {
  const Grown grown = GrowTo(33);
  for (uint64_t size = 0; size <= 33; ++size) {
    for (uint64_t old = 0; old <= size; ++old) {
      const auto proof = ConsistencyProof(old, size, grown.tree.Reader());
      ASSERT_THAT(proof, IsOk());
      EXPECT_THAT(
          VerifyConsistency(old, grown.tree.Root(old).value(), size, grown.tree.Root(size).value(), *proof),
          IsOk())
          << old << " " << size;
    }
  }
}

TEST(ConsistencyProofTest, EmptyForTheEmptyTreeAndForEqualSizes) {
  const Grown grown = GrowTo(5);
  EXPECT_THAT(ConsistencyProof(0, 5, grown.tree.Reader()).value(), IsEmpty());
  EXPECT_THAT(ConsistencyProof(5, 5, grown.tree.Reader()).value(), IsEmpty());
  const Digest root = grown.tree.Root(5).value();
  EXPECT_THAT(VerifyConsistency(0, EmptyRoot(), 5, root, {root}),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(VerifyConsistency(0, root, 5, root, {}), StatusIs(absl::StatusCode::kDataLoss, _));
  EXPECT_THAT(VerifyConsistency(5, EmptyRoot(), 5, root, {}), StatusIs(absl::StatusCode::kDataLoss, _));
}

TEST(ConsistencyProofTest, ATreeHasNoLargerPast) {
  const Grown grown = GrowTo(5);
  EXPECT_THAT(ConsistencyProof(6, 5, grown.tree.Reader()).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(VerifyConsistency(6, EmptyRoot(), 5, EmptyRoot(), {}),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
}

TEST(ConsistencyProofTest, AnotherHistoryIsNotAPrefix) {
  const Grown grown = GrowTo(13);
  for (const uint64_t old : {4u, 6u, 12u}) {
    const std::vector<Digest> proof = ConsistencyProof(old, 13, grown.tree.Reader()).value();
    const Digest new_root = grown.tree.Root(13).value();
    Digest other = grown.tree.Root(old).value();
    other[0] ^= 0x80;
    EXPECT_THAT(VerifyConsistency(old, other, 13, new_root, proof), StatusIs(absl::StatusCode::kDataLoss, _));
    for (size_t hash = 0; hash < proof.size(); ++hash) {
      std::vector<Digest> changed = proof;
      changed[hash][0] ^= 1;
      EXPECT_THAT(VerifyConsistency(old, grown.tree.Root(old).value(), 13, new_root, changed),
                  StatusIs(absl::StatusCode::kDataLoss, _));
    }
    std::vector<Digest> longer = proof;
    longer.push_back(other);
    EXPECT_THAT(VerifyConsistency(old, grown.tree.Root(old).value(), 13, new_root, longer),
                StatusIs(absl::StatusCode::kInvalidArgument, _));
    EXPECT_THAT(VerifyConsistency(old, grown.tree.Root(old).value(), 13, new_root, {}),
                StatusIs(absl::StatusCode::kInvalidArgument, _));
  }
}

TEST(MerkleTreeTest, ErrorsOfTheReaderComeThrough) {
  const SubtreeHash broken = [](int, uint64_t) -> absl::StatusOr<Digest> {
    return absl::DataLossError("no hash");
  };
  EXPECT_THAT(RootOf(3, broken).status(), StatusIs(absl::StatusCode::kDataLoss, "no hash"));
  EXPECT_THAT(InclusionProof(1, 3, broken).status(), StatusIs(absl::StatusCode::kDataLoss, "no hash"));
  EXPECT_THAT(ConsistencyProof(1, 3, broken).status(), StatusIs(absl::StatusCode::kDataLoss, "no hash"));
}

}  // namespace
}  // namespace consort::ledger
