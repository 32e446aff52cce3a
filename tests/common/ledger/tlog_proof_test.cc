#include "common/ledger/tlog_proof.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/common/ledger/plain_tree.h"
#include "tests/common/ledger/random_policy.h"
#include "tests/support/status_matchers.h"

namespace consort::ledger {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::KnownEntries;
using ::consort::testing::PlainLeaves;
using ::consort::testing::PlainPath;
using ::consort::testing::PlainRoot;
using ::consort::testing::PolicyKey;
using ::consort::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr char kOrigin[] = "ledger.federation.example/music";
constexpr int64_t kNoon = 1'800'000'000;

SigningKey LogKey() { return PolicyKey(kOrigin, KeyAlgorithm::kEd25519); }
SigningKey Mirror(const std::string& archive) {
  return PolicyKey(archive + ".federation.example/mirror", KeyAlgorithm::kCosignatureV1);
}
Policy MajorityOf(std::initializer_list<const char*> archives) {
  std::vector<VerifierKey> keys;
  for (const char* archive : archives) keys.push_back(Mirror(archive).verifier());
  return Policy::Parse(MajorityPolicy(LogKey().verifier(), keys, 0).value()).value();
}
std::string NoteOver(const Checkpoint& checkpoint, std::initializer_list<const char*> archives) {
  std::string note = SignCheckpoint(checkpoint, LogKey());
  for (const char* archive : archives)
    note += CosignatureLine(checkpoint.Text(), Mirror(archive), absl::FromUnixSeconds(kNoon));
  return note;
}

class TlogProofTest : public ::testing::Test {
 protected:
  std::string Note() const {
    return NoteOver({kOrigin, 8, PlainRoot(leaves_)}, {"archive-uk-1", "archive-cn-1", "archive-ie-1"});
  }
  // Written from the specification's text, not by the code under test.
  std::string FileOf(size_t index) const {
    std::string file = absl::StrCat("c2sp.org/tlog-proof@v1\nindex ", index, "\n");
    for (const Digest& hash : PlainPath(index, leaves_))
      absl::StrAppend(&file, Base64Encode(ViewOf(hash)), "\n");
    return absl::StrCat(file, "\n", Note());
  }
  auto Check(const std::string& file, const std::string& entry) const {
    return CheckTlogProof(file, entry, policy_, ClockRule{.now = absl::FromUnixSeconds(kNoon)});
  }

  std::vector<std::string> entries_ = KnownEntries();
  std::vector<Digest> leaves_ = PlainLeaves(entries_);
  Policy policy_ = MajorityOf({"archive-uk-1", "archive-cn-1", "archive-ie-1"});
};

TEST_F(TlogProofTest, EveryEntryIsProvedByItsFile) {
  for (size_t index = 0; index < 8; ++index) {
    const auto checked = Check(FileOf(index), entries_[index]);
    ASSERT_THAT(checked, IsOk()) << index;
    EXPECT_EQ(checked->index, index);
    EXPECT_THAT(CheckWitnessed(checked->checkpoint.judgement), IsOk());
    EXPECT_THAT(Check(FileOf(index), "another entry").status(),
                StatusIs(absl::StatusCode::kDataLoss, ::testing::_));
    EXPECT_FALSE(Check(FileOf((index + 1) % 8), entries_[index]).ok());
  }
}

TEST_F(TlogProofTest, FileIsReadAndSpelledAgain) {
  const auto proof = ParseTlogProof(FileOf(5));
  ASSERT_THAT(proof, IsOk());
  EXPECT_EQ(proof->index, 5u);
  EXPECT_EQ(proof->hashes, PlainPath(5, leaves_));
  EXPECT_EQ(proof->note, Note());
  EXPECT_EQ(FormatTlogProof(*proof), FileOf(5));
  // "age-v1.2.1-darwin-arm64.tar.gz", as the specification's example begins.
  const std::string extra = absl::StrReplaceAll(
      FileOf(5), {{"index 5", "extra YWdlLXYxLjIuMS1kYXJ3aW4tYXJtNjQudGFyLmd6\nindex 5"}});
  EXPECT_EQ(ParseTlogProof(extra)->extra, "age-v1.2.1-darwin-arm64.tar.gz");
  EXPECT_EQ(FormatTlogProof(ParseTlogProof(extra).value()), extra);
  EXPECT_THAT(Check(extra, entries_[5]), IsOk());
}

TEST_F(TlogProofTest, MadeFileHasTheLogAndOneQuorumOnly) {
  MemoryTree tree;
  for (const Digest& leaf : leaves_) tree.Append(leaf);
  const auto file = MakeTlogProof(5, Note(), policy_, tree.Reader());
  ASSERT_THAT(file, IsOk());
  EXPECT_THAT(ParseNote(ParseTlogProof(*file)->note)->signatures, SizeIs(3));  // log, two of three
  const auto checked = Check(*file, entries_[5]);
  ASSERT_THAT(checked, IsOk());
  EXPECT_TRUE(checked->checkpoint.judgement.quorum);
  EXPECT_THAT(MakeTlogProof(8, Note(), policy_, tree.Reader()).status(), StatusIs(kInvalid, ::testing::_));
}

TEST_F(TlogProofTest, NoteWithoutAQuorumKeepsWhatItHas) {
  const std::string note = NoteOver({kOrigin, 8, PlainRoot(leaves_)}, {"archive-cn-1", "stranger"});
  const auto cut = QuorumNote(note, policy_);
  ASSERT_THAT(cut, IsOk());
  EXPECT_EQ(*cut, NoteOver({kOrigin, 8, PlainRoot(leaves_)}, {"archive-cn-1"}));
  const auto judged = OpenJudged(*cut, policy_, {});
  EXPECT_FALSE(judged->judgement.quorum);
}

TEST_F(TlogProofTest, MillionLeavesAndThreeCosignaturesStayBelowTwoKibibytes) {
  const uint64_t size = uint64_t{1} << 20;
  const Digest any = Sha256Of("any");
  const Policy five =
      MajorityOf({"archive-uk-1", "archive-cn-1", "archive-ie-1", "archive-cn-2", "university"});
  const std::string note = NoteOver(
      {kOrigin, size, any}, {"archive-uk-1", "archive-cn-1", "archive-ie-1", "archive-cn-2", "university"});
  const auto file =
      MakeTlogProof(size - 1, note, five, [&any](int, uint64_t) -> absl::StatusOr<Digest> { return any; });
  ASSERT_THAT(file, IsOk());
  EXPECT_THAT(ParseTlogProof(*file)->hashes, SizeIs(20));
  EXPECT_THAT(ParseNote(ParseTlogProof(*file)->note)->signatures, SizeIs(4));
  EXPECT_LE(file->size(), 2048u);
}

// The kinds of tampering that transparency-dev/merkle tries, with the code that each ends in.
TEST_F(TlogProofTest, TamperedProofsFail) {
  const TlogProof good = ParseTlogProof(FileOf(5)).value();
  const auto lost = absl::StatusCode::kDataLoss;
  const auto tampered = [&](auto change) {
    TlogProof proof = good;
    change(proof);
    return Check(FormatTlogProof(proof), entries_[5]).status();
  };
  EXPECT_THAT(tampered([](TlogProof& p) { p.index = 4; }), StatusIs(lost, ::testing::_));
  EXPECT_THAT(tampered([](TlogProof& p) { p.index = 8; }), StatusIs(kInvalid, ::testing::_));
  EXPECT_THAT(tampered([](TlogProof& p) { p.index = INT64_MAX; }), StatusIs(kInvalid, ::testing::_));
  EXPECT_THAT(tampered([](TlogProof& p) { p.hashes.clear(); }), StatusIs(kInvalid, ::testing::_));
  EXPECT_THAT(tampered([](TlogProof& p) { p.hashes.pop_back(); }), StatusIs(kInvalid, ::testing::_));
  EXPECT_THAT(tampered([](TlogProof& p) { p.hashes.push_back(p.hashes[0]); }),
              StatusIs(kInvalid, ::testing::_));
  EXPECT_THAT(tampered([](TlogProof& p) { p.hashes.insert(p.hashes.begin(), p.hashes[0]); }),
              StatusIs(kInvalid, ::testing::_));
  EXPECT_THAT(tampered([](TlogProof& p) { std::swap(p.hashes[0], p.hashes[1]); }),
              StatusIs(lost, ::testing::_));
  EXPECT_THAT(tampered([&](TlogProof& p) { p.hashes = {PlainRoot(leaves_)}; }),
              StatusIs(kInvalid, ::testing::_));
  for (size_t i = 0; i < good.hashes.size(); ++i) {
    EXPECT_THAT(tampered([i](TlogProof& p) { p.hashes[i][7] ^= 1; }), StatusIs(lost, ::testing::_));
  }
}

TEST_F(TlogProofTest, ChangedByteIsNeverOverlooked) {
  const std::string good = FileOf(5);
  for (size_t byte = 0; byte < good.size(); ++byte) {
    std::string changed = good;
    changed[byte] = static_cast<char>(changed[byte] ^ 1);
    const auto checked = Check(changed, entries_[5]);
    // What may pass is a cosignature that has become a stranger's; then one fewer counts.
    if (checked.ok()) {
      EXPECT_THAT(checked->checkpoint.judgement.counted, SizeIs(2)) << byte;
    }
  }
}

TEST_F(TlogProofTest, OtherSpellingsAreRefused) {
  const std::string good = FileOf(5);
  const std::pair<const char*, const char*> changes[] = {{"proof@v1", "proof@v2"},
                                                         {"index 5\n", ""},
                                                         {"index 5\n", "index 05\n"},
                                                         {"index 5\n", "index  5\n"},
                                                         {"index 5\n", "extra \nindex 5\n"},
                                                         {"index 5\n", "extra AAA\nindex 5\n"},
                                                         {"index 5\n", "index 5\nextra AAAA\n"},
                                                         {"index 5\n", "index 5\r\n"},
                                                         {"index 5\n", "index 5\n\n"},
                                                         {"\n8\n", "\n08\n"}};
  for (const auto& [from, to] : changes) {
    EXPECT_THAT(Check(absl::StrReplaceAll(good, {{from, to}}), entries_[5]).status(),
                StatusIs(kInvalid, ::testing::_))
        << to;
  }
  for (const std::string& file : {std::string(), good.substr(0, 100), "c2sp.org/tlog-proof@v1\n" + good})
    EXPECT_THAT(ParseTlogProof(file).status(), StatusIs(kInvalid, ::testing::_));
}

TEST_F(TlogProofTest, ProofOfAnotherLogIsNotTaken) {
  const SigningKey foreign = SigningKey::Generate(kOrigin);
  TlogProof proof = ParseTlogProof(FileOf(5)).value();
  proof.note = SignCheckpoint({kOrigin, 8, PlainRoot(leaves_)}, foreign);
  EXPECT_THAT(Check(FormatTlogProof(proof), entries_[5]).status(),
              StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("trusted key")));
}

}  // namespace
}  // namespace consort::ledger
