#include "common/ledger/witness_protocol.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/ledger/note.h"
#include "tests/common/ledger/plain_tree.h"
#include "tests/support/status_matchers.h"

namespace consort::ledger {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::KnownEntries;
using ::consort::testing::PlainConsistency;
using ::consort::testing::PlainLeaf;
using ::consort::testing::PlainLeaves;
using ::consort::testing::PlainRoot;
using ::consort::testing::StatusIs;
using ::testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

// The example of C2SP tlog-witness, whole.
constexpr char kExampleBody[] =
    "old 20852014\n"
    "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n"
    "jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n"
    "5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n"
    "/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n"
    "\n"
    "example.com/behind-the-sofa\n"
    "20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    "\n"
    "\xE2\x80\x94 example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "\xE2\x80\x94 example.com/behind-the-sofa "
    "opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=\n";

SigningKey LogKey() {
  return SigningKey::FromSeed("ledger.example/kat", KeyAlgorithm::kEd25519, std::string(32, 'l')).value();
}
SigningKey WitnessKey() {
  return SigningKey::FromSeed("node.example/mirror", KeyAlgorithm::kCosignatureV1, std::string(32, 'w'))
      .value();
}

TEST(AddCheckpointTest, ExampleOfTheProtocolIsReadAndSpelledAgain) {
  const auto request = ParseAddCheckpoint(kExampleBody);
  ASSERT_THAT(request, IsOk());
  EXPECT_EQ(request->old_size, 20852014u);
  ASSERT_EQ(request->proof.size(), 4u);
  EXPECT_EQ(Base64Encode(ViewOf(request->proof[3])), "/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=");
  EXPECT_TRUE(absl::StartsWith(request->note, "example.com/behind-the-sofa\n20852163\n"));
  EXPECT_EQ(FormatAddCheckpoint(*request), kExampleBody);
}

TEST(AddCheckpointTest, OtherSpellingsAreRefused) {
  const std::string good = kExampleBody;
  std::string long_proof = "old 1\n";
  for (int i = 0; i < 64; ++i) long_proof += "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n";
  const std::string bad[] = {
      "",
      "old 1",
      "old 1\n",
      "old 1\n\n",
      absl::StrReplaceAll(good, {{"old 20852014", "old 020852014"}}),
      absl::StrReplaceAll(good, {{"old 20852014", "old  20852014"}}),
      absl::StrReplaceAll(good, {{"old 20852014", "old -1"}}),
      absl::StrReplaceAll(good, {{"old 20852014", "Old 20852014"}}),
      absl::StrReplaceAll(good, {{"old 20852014", "old 9223372036854775808"}}),
      absl::StrReplaceAll(good, {{"Dpkaw=", "Dpkax="}}),  // stray bits
      absl::StrReplaceAll(good, {{"PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=", "AAAA"}}),
      absl::StrReplaceAll(good, {{"/0=\n\n", "/0=\n"}}),
      absl::StrReplaceAll(good, {{"\n20852163\n", "\n020852163\n"}}),
      absl::StrReplaceAll(good, {{"old 20852014\n", "old 20852014\r\n"}}),
      good + "\n",
      long_proof + good.substr(good.find("\n\n") + 1),
      "old 0\n\n" + std::string(70'000, 'x'),
  };
  for (const std::string& body : bad) {
    EXPECT_THAT(ParseAddCheckpoint(body).status(), StatusIs(kInvalid, ::testing::_)) << body.substr(0, 300);
  }
}

TEST(AddCheckpointTest, StoredSizeIsOneLine) {
  EXPECT_EQ(FormatWitnessSize(20852014), "20852014\n");
  EXPECT_EQ(ParseWitnessSize("20852014\n").value(), 20852014u);
  for (const char* bad : {"", "1", "1\n\n", "01\n", " 1\n", "-1\n", "x\n"})
    EXPECT_THAT(ParseWitnessSize(bad).status(), StatusIs(kInvalid, ::testing::_)) << bad;
}

// A log of the eight known leaves and a witness that stands at some size.
class WitnessTest : public ::testing::Test {
 protected:
  std::string Body(uint64_t old_size, uint64_t size) const {
    return FormatAddCheckpoint({old_size, PlainConsistency(old_size, First(size)), NoteOf(size)});
  }
  absl::Span<const Digest> First(uint64_t size) const { return absl::MakeSpan(leaves_).subspan(0, size); }
  std::string NoteOf(uint64_t size) const {
    return SignCheckpoint({LogKey().verifier().name(), size, PlainRoot(First(size))}, LogKey());
  }
  WitnessState At(uint64_t size) const {
    if (size == 0) return NewWitnessState("ledger.example/kat");
    return ReadWitnessState(NoteOf(size), "ledger.example/kat", keys_).value();
  }
  WitnessVerdict Ask(const std::string& body, uint64_t at) const {
    return JudgeAddCheckpoint(body, At(at), keys_);
  }
  void ExpectUnchanged(const WitnessVerdict& verdict, uint64_t at) const {
    EXPECT_EQ(verdict.next.size, at);
    EXPECT_EQ(verdict.next.root, PlainRoot(First(at)));
  }

  std::vector<Digest> leaves_ = PlainLeaves(KnownEntries());
  std::vector<VerifierKey> keys_ = {LogKey().verifier()};
};

TEST_F(WitnessTest, AnyHonestStepIsTaken) {
  for (uint64_t old_size = 0; old_size <= 8; ++old_size) {
    for (uint64_t size = old_size; size <= 8; ++size) {
      const WitnessVerdict verdict = Ask(Body(old_size, size), old_size);
      EXPECT_EQ(verdict.status, 200) << old_size << " " << size << " " << verdict.body;
      EXPECT_EQ(verdict.next.size, size);
      EXPECT_EQ(verdict.next.root, PlainRoot(First(size)));
      EXPECT_EQ(verdict.next.note, NoteOf(size));
      EXPECT_FALSE(verdict.is_evidence);
    }
  }
}

TEST_F(WitnessTest, AnswerIsALineThatOpensTheCheckpoint) {
  const WitnessVerdict verdict = Ask(Body(3, 8), 3);
  const std::string line = CosignatureBody(verdict.next, WitnessKey(), absl::FromUnixSeconds(1'700'000'000));
  const auto opened = OpenCheckpoint(NoteOf(8) + line, keys_, {WitnessKey().verifier()});
  ASSERT_THAT(opened, IsOk());
  ASSERT_EQ(opened->cosigned.size(), 1u);
  EXPECT_EQ(opened->cosigned[0].unix_seconds, 1'700'000'000);
}

TEST_F(WitnessTest, MalformedRequestIs400BeforeAnythingElse) {
  const WitnessVerdict verdict = Ask("old 3\n", 3);
  EXPECT_EQ(verdict.status, 400);
  ExpectUnchanged(verdict, 3);
}

TEST_F(WitnessTest, OtherLogIs404BeforeItsSignatureIsLookedAt) {
  const SigningKey other = SigningKey::Generate("ledger.example/other");
  const std::string note = SignCheckpoint({"ledger.example/other", 8, PlainRoot(leaves_)}, other);
  EXPECT_EQ(Ask(FormatAddCheckpoint({99, {}, note}), 3).status, 404);
}

TEST_F(WitnessTest, MissingAndBadLogSignaturesAre403BeforeSizes) {
  const SigningKey foreign = SigningKey::Generate("ledger.example/kat");
  const std::string unsigned_note = SignCheckpoint({"ledger.example/kat", 8, PlainRoot(leaves_)}, foreign);
  const WitnessVerdict stranger = Ask(FormatAddCheckpoint({99, {}, unsigned_note}), 3);
  EXPECT_EQ(stranger.status, 403);
  EXPECT_FALSE(stranger.is_evidence);  // anybody can make it
  std::string bad = NoteOf(8);
  bad = absl::StrReplaceAll(bad, {{"\n8\n", "\n7\n"}});
  EXPECT_EQ(Ask(FormatAddCheckpoint({99, {}, bad}), 3).status, 403);
}

TEST_F(WitnessTest, OldSizeAboveTheNewOneIs400BeforeTheConflict) {
  EXPECT_EQ(Ask(FormatAddCheckpoint({9, {}, NoteOf(8)}), 3).status, 400);
}

TEST_F(WitnessTest, OldSizeOtherThanTheStoredOneIs409WithThatSize) {
  for (const uint64_t old_size : {0, 2, 4, 8}) {
    const WitnessVerdict verdict = Ask(Body(old_size, 8), 3);
    EXPECT_EQ(verdict.status, 409) << old_size;
    EXPECT_EQ(verdict.body, "3\n");
    EXPECT_FALSE(verdict.is_evidence);
    ExpectUnchanged(verdict, 3);
  }
  // A log that was rolled back learns from whom to fetch what it forgot.
  EXPECT_EQ(Ask(Body(2, 5), 8).body, "8\n");
}

TEST_F(WitnessTest, EmptyTreeWithARootIs422) {
  const std::string note = SignCheckpoint({"ledger.example/kat", 0, PlainRoot(leaves_)}, LogKey());
  const WitnessVerdict verdict = Ask(FormatAddCheckpoint({0, {}, note}), 0);
  EXPECT_EQ(verdict.status, 422);
  EXPECT_TRUE(verdict.is_evidence);
}

TEST_F(WitnessTest, ProofWhereNoneBelongsIs422AndNoEvidence) {
  for (const uint64_t at : {0, 3}) {
    const WitnessVerdict verdict = Ask(FormatAddCheckpoint({at, {leaves_[0]}, NoteOf(at == 0 ? 8 : 3)}), at);
    EXPECT_EQ(verdict.status, 422) << at;
    EXPECT_FALSE(verdict.is_evidence) << at;
    ExpectUnchanged(verdict, at);
  }
}

TEST_F(WitnessTest, AnotherRootAtTheSameSizeIs422AndEvidence) {
  std::vector<Digest> forked = leaves_;
  forked[1] = PlainLeaf("another entry");
  const std::string note = SignCheckpoint({"ledger.example/kat", 8, PlainRoot(forked)}, LogKey());
  const WitnessVerdict verdict = Ask(FormatAddCheckpoint({8, {}, note}), 8);
  EXPECT_EQ(verdict.status, 422);
  EXPECT_TRUE(verdict.is_evidence);
  ExpectUnchanged(verdict, 8);
  // Asked with another old size the protocol has 409 first; it is the same evidence.
  const WitnessVerdict conflict = Ask(FormatAddCheckpoint({3, PlainConsistency(3, forked), note}), 8);
  EXPECT_EQ(conflict.status, 409);
  EXPECT_TRUE(conflict.is_evidence);
}

TEST_F(WitnessTest, HistoryThatIsNotOurPrefixIs422AndEvidence) {
  std::vector<Digest> forked = leaves_;
  forked[1] = PlainLeaf("another entry");
  const std::string note = SignCheckpoint({"ledger.example/kat", 8, PlainRoot(forked)}, LogKey());
  for (const auto& proof :
       {PlainConsistency(6, forked), PlainConsistency(6, leaves_), std::vector<Digest>{}}) {
    const WitnessVerdict verdict = Ask(FormatAddCheckpoint({6, proof, note}), 6);
    EXPECT_EQ(verdict.status, 422);
    EXPECT_THAT(verdict.body, HasSubstr("not proved to go on from size 6"));
    EXPECT_TRUE(verdict.is_evidence);
    ExpectUnchanged(verdict, 6);
  }
}

TEST_F(WitnessTest, StateIsTheNoteAndSurvivesTheDisk) {
  EXPECT_EQ(WitnessStateFile(At(8)), NoteOf(8));
  const auto read = ReadWitnessState(WitnessStateFile(At(8)), "ledger.example/kat", keys_);
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->size, 8u);
  EXPECT_EQ(HexOf(read->root), consort::testing::kKnownRootOf8);
  EXPECT_EQ(read->note, NoteOf(8));
  EXPECT_EQ(HexOf(NewWitnessState("x").root), consort::testing::kEmptyRoot);
}

TEST_F(WitnessTest, DamagedStateIsNeverTakenForANewOne) {
  const auto lost = StatusIs(absl::StatusCode::kDataLoss, ::testing::_);
  const std::string good = NoteOf(8);
  for (size_t cut = 0; cut < good.size(); ++cut)
    EXPECT_THAT(ReadWitnessState(good.substr(0, cut), "ledger.example/kat", keys_).status(), lost) << cut;
  for (size_t byte = 0; byte < good.size(); ++byte) {
    std::string changed = good;
    changed[byte] = static_cast<char>(changed[byte] ^ 1);
    EXPECT_THAT(ReadWitnessState(changed, "ledger.example/kat", keys_).status(), lost) << byte;
  }
  EXPECT_THAT(ReadWitnessState(good, "ledger.example/other", keys_).status(), lost);
}

}  // namespace
}  // namespace consort::ledger
