#include "common/ledger/compare.h"

#include "absl/strings/str_cat.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/witness_protocol.h"
#include "tests/common/ledger/plain_tree.h"
#include "tests/support/status_matchers.h"

namespace consort::ledger {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::KnownEntries;
using ::consort::testing::PlainLeaf;
using ::consort::testing::PlainLeaves;
using ::consort::testing::PlainRoot;
using ::consort::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kOrigin[] = "ledger.example/kat";

class CompareTest : public ::testing::Test {
 protected:
  CompareTest() {
    for (const Digest& leaf : leaves_) tree_.Append(leaf);
  }
  // The first `size` known leaves, of which the one at `fork` is another; -1: none.
  std::string NoteOf(size_t size, int fork = -1) const {
    std::vector<Digest> leaves = leaves_;
    if (fork >= 0) leaves[static_cast<size_t>(fork)] = PlainLeaf("another entry");
    return SignCheckpoint({kOrigin, size, PlainRoot(absl::MakeSpan(leaves).subspan(0, size))}, key_);
  }
  Comparison Compare(const std::string& a, const std::string& b, const SubtreeHash& subtree) const {
    return CompareHistories(a, b, {key_.verifier()}, subtree).value();
  }

  std::vector<Digest> leaves_ = PlainLeaves(KnownEntries());
  MemoryTree tree_;
  SigningKey key_ = SigningKey::Generate(kOrigin);
};

TEST_F(CompareTest, PairsOfOneHistoryAreSameOrExtend) {
  for (size_t a = 0; a <= 8; ++a) {
    for (size_t b = 0; b <= 8; ++b) {
      const Comparison found = Compare(NoteOf(a), NoteOf(b), tree_.Reader());
      EXPECT_EQ(found.relation, a == b ? Relation::kSame : Relation::kExtends) << a << " " << b;
      EXPECT_THAT(found.evidence, IsEmpty());
    }
  }
}

// A fork at leaf f shows in a checkpoint of n leaves if f < n.
TEST_F(CompareTest, EveryForkBelowTheSmallerSizeIsASplitView) {
  for (int fork = 0; fork < 8; ++fork) {
    for (size_t small = 1; small <= 8; ++small) {
      for (size_t large = small; large <= 8; ++large) {
        const std::string forked = NoteOf(small, fork);
        const Comparison found = Compare(forked, NoteOf(large), tree_.Reader());
        if (static_cast<size_t>(fork) < small) {
          EXPECT_EQ(found.relation, Relation::kSplitView) << fork << " " << small << " " << large;
          EXPECT_THAT(found.evidence, HasSubstr(forked));
          EXPECT_THAT(found.evidence, HasSubstr(NoteOf(large)));
        } else {
          EXPECT_NE(found.relation, Relation::kSplitView) << fork << " " << small << " " << large;
        }
        EXPECT_EQ(Compare(NoteOf(large), forked, tree_.Reader()).relation, found.relation);
      }
    }
  }
}

TEST_F(CompareTest, EvidenceProvesToAStrangerThatBothCannotBe) {
  const Comparison found = Compare(NoteOf(6, 2), NoteOf(8), tree_.Reader());
  ASSERT_EQ(found.relation, Relation::kSplitView);
  const std::string start = "proved by:\n";
  const auto body = ParseAddCheckpoint(found.evidence.substr(found.evidence.find(start) + start.size()));
  ASSERT_THAT(body, IsOk());
  EXPECT_EQ(body->note, NoteOf(8));
  // The larger note goes on from the known root of six leaves, which the other note denies.
  const Digest known = DigestFromHex(consort::testing::kKnownRootOf6).value();
  EXPECT_THAT(found.evidence, HasSubstr(absl::StrCat("at size 6: ", consort::testing::kKnownRootOf6)));
  EXPECT_THAT(
      VerifyConsistency(6, known, 8, DigestFromHex(consort::testing::kKnownRootOf8).value(), body->proof),
      IsOk());
  EXPECT_NE(ReadCheckpoint(NoteOf(6, 2))->root, known);
}

TEST_F(CompareTest, EqualSizesNeedNoEntries) {
  EXPECT_EQ(Compare(NoteOf(8), NoteOf(8), nullptr).relation, Relation::kSame);
  EXPECT_EQ(Compare(NoteOf(8), NoteOf(8, 3), nullptr).relation, Relation::kSplitView);
  EXPECT_EQ(Compare(NoteOf(0), NoteOf(8), nullptr).relation, Relation::kExtends);
}

TEST_F(CompareTest, EmptyTreeHasOneRootOnly) {
  const std::string odd = SignCheckpoint({kOrigin, 0, leaves_[0]}, key_);
  EXPECT_EQ(Compare(odd, NoteOf(8), nullptr).relation, Relation::kSplitView);
}

TEST_F(CompareTest, WithoutTheLargerOnesEntriesNobodyCanTell) {
  const Comparison none = Compare(NoteOf(3), NoteOf(8), nullptr);
  EXPECT_EQ(none.relation, Relation::kCannotTell);
  EXPECT_THAT(none.detail, HasSubstr("sizes 3 (a) and 8 (b): give the folder"));
  MemoryTree few;
  for (int i = 0; i < 5; ++i) few.Append(leaves_[i]);
  EXPECT_THAT(Compare(NoteOf(3), NoteOf(8), few.Reader()).detail, HasSubstr("not all entries"));
  // Entries of another history prove nothing against either.
  MemoryTree other;
  for (int i = 0; i < 8; ++i) other.Append(i == 6 ? PlainLeaf("another entry") : leaves_[i]);
  EXPECT_EQ(Compare(NoteOf(3, 1), NoteOf(8), other.Reader()).relation, Relation::kCannotTell);
}

TEST_F(CompareTest, NotesMustBeSignedAndOfOneLog) {
  const auto compare = [this](const std::string& a, const std::string& b,
                              const std::vector<VerifierKey>& keys) {
    return CompareHistories(a, b, keys, tree_.Reader()).status();
  };
  const SigningKey foreign = SigningKey::Generate(kOrigin);
  const SigningKey other = SigningKey::Generate("ledger.example/other");
  const std::string forged = SignCheckpoint({kOrigin, 8, leaves_[0]}, foreign);
  EXPECT_THAT(compare(NoteOf(8), forged, {key_.verifier()}),
              StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("b: ")));
  EXPECT_THAT(compare("text", NoteOf(8), {key_.verifier()}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("a: ")));
  const std::string elsewhere = SignCheckpoint({"ledger.example/other", 8, PlainRoot(leaves_)}, other);
  EXPECT_THAT(compare(NoteOf(8), elsewhere, {key_.verifier(), other.verifier()}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("two logs")));
}

TEST(RelationTest, EachHasItsName) {
  EXPECT_EQ(RelationName(Relation::kSame), "same");
  EXPECT_EQ(RelationName(Relation::kExtends), "extends");
  EXPECT_EQ(RelationName(Relation::kSplitView), "split-view");
  EXPECT_EQ(RelationName(Relation::kCannotTell), "cannot-tell");
}

}  // namespace
}  // namespace consort::ledger
