#include "common/ledger/note.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/crypto/digest.h"
#include "tests/support/status_matchers.h"

namespace consort::ledger {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

// The example of golang.org/x/mod/sumdb/note.
constexpr char kNeumannKey[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
constexpr char kNeumann[] =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "\xE2\x80\x94 PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
// The example of C2SP signed-note.
constexpr char kExampleKey[] = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
constexpr char kExample[] =
    "This is an example message.\n"
    "\n"
    "\xE2\x80\x94 example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
// Made outside this project from the secret keys of RFC 8032, tests 1 and 2.
constexpr char kWitnessKey[] = "node.example/witness+79e9e5e4+BD1AF8PoQ4lakrcKp00bfrycmCzPLsSWjMDNVfEq9GYM";
constexpr char kCheckpoint[] =
    "ledger.example/kat\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n"
    "\n"
    "\xE2\x80\x94 ledger.example/kat "
    "et/A0mw7ZZIRYnLcHKQpQul1kkSB+2oApv42brq1pA2dLKkPT93/+nGOKChXgGur7s7VGv+CXGkluei+vy+DAcZKeAc=\n";
constexpr char kWitnessLine[] =
    "\xE2\x80\x94 node.example/witness "
    "eenl5AAAAABlU/EAe/sXWlYVUTDI2y7FRm7CZ+XeUJADtoAfRo7guFLLIK6HPabPNrB5eNLNyy1wTdM6ca/"
    "yqjvu9VZdRsOBDggWBA==\n";

VerifierKey Key(const char* vkey) { return VerifierKey::Parse(vkey).value(); }

// A line of an algorithm that is not known here, as long as a cosignature of ML-DSA-44 (06).
std::string OpaqueLine(const std::string& name = "archive.example/future") {
  return absl::StrCat("\xE2\x80\x94 ", name, " ",
                      Base64Encode("\x01\x02\x03\x04" + std::string(2428, '\x06')), "\n");
}

TEST(NoteTest, ExamplesOfOthersVerify) {
  for (const auto& [note, vkey] : {std::pair{kNeumann, kNeumannKey}, std::pair{kExample, kExampleKey}}) {
    const auto parsed = ParseNote(note);
    ASSERT_THAT(parsed, IsOk());
    EXPECT_EQ(SpellNote(*parsed), note);
    const auto good = CheckSignatures(*parsed, {Key(vkey)});
    ASSERT_THAT(good, IsOk());
    ASSERT_THAT(*good, SizeIs(1));
    EXPECT_EQ(good->front().keyid, Key(vkey).KeyId());
    EXPECT_EQ(good->front().unix_seconds, 0);
  }
  EXPECT_THAT(ParseNote(kNeumann)->text, HasSubstr("know what your problem is.\n"));
}

TEST(NoteTest, CosignatureSaysWhen) {
  const auto parsed = ParseNote(absl::StrCat(kCheckpoint, kWitnessLine));
  ASSERT_THAT(parsed, IsOk());
  const auto good = CheckSignatures(*parsed, {Key(kWitnessKey)});
  ASSERT_THAT(good, IsOk());
  ASSERT_THAT(*good, SizeIs(1));
  EXPECT_EQ(good->front().algorithm, KeyAlgorithm::kCosignatureV1);
  EXPECT_EQ(good->front().unix_seconds, 1'700'000'000);
  EXPECT_EQ(good->front().name(), "node.example/witness");
}

TEST(NoteTest, CosignatureOfNoTimeOrOnePastTheRangeIsBad) {
  const SigningKey key = SigningKey::Generate("node.example/w", KeyAlgorithm::kCosignatureV1);
  for (const uint64_t seconds : {uint64_t{0}, uint64_t{1} << 63}) {
    std::string time(8, '\0');
    time[0] = static_cast<char>(seconds >> 56);
    const std::string text = "a\n";
    const std::string signature = key.Sign(absl::StrCat("cosignature/v1\ntime ", seconds, "\n", text));
    const Note note{text, {{"node.example/w", key.verifier().id(), time + signature}}};
    EXPECT_THAT(CheckSignatures(note, {key.verifier()}).status(),
                StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("bad signature")))
        << seconds;
  }
}

TEST(NoteTest, AnotherTextIsNotWhatWasSigned) {
  const auto parsed = ParseNote(absl::StrReplaceAll(kExample, {{"example message", "exemplary message"}}));
  EXPECT_THAT(CheckSignatures(*parsed, {Key(kExampleKey)}).status(),
              StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("example.com/foo+530d903a")));
  EXPECT_THAT(CheckSignatures(*parsed, {Key(kNeumannKey)}).value(), IsEmpty());
}

TEST(NoteTest, AddedLinesStandInOneOrderWhateverCameFirst) {
  std::vector<std::string> lines = {kWitnessLine, OpaqueLine(), OpaqueLine("b.example/w")};
  const std::string expected =
      absl::StrCat(kCheckpoint, OpaqueLine(), OpaqueLine("b.example/w"), kWitnessLine);
  std::sort(lines.begin(), lines.end());
  do {
    EXPECT_EQ(WithSignatures(kCheckpoint, lines).value(), expected);
    std::string grown = kCheckpoint;
    for (const std::string& line : lines) grown = WithSignatures(grown, {line}).value();
    EXPECT_EQ(grown, expected);
  } while (std::next_permutation(lines.begin(), lines.end()));
  // The log's own line goes first also if it comes last.
  const std::string line = ParseNote(kCheckpoint)->signatures[0].Line();
  const std::string text = ParseNote(kCheckpoint)->text;
  EXPECT_EQ(WithSignatures(absl::StrCat(text, "\n", kWitnessLine), {line}).value(),
            absl::StrCat(kCheckpoint, kWitnessLine));
}

TEST(NoteTest, LinesOfUnknownAlgorithmsArePassedOnAsTheyAre) {
  const std::string note = absl::StrCat(kCheckpoint, OpaqueLine(), kWitnessLine);
  const auto parsed = ParseNote(note);
  ASSERT_THAT(parsed, IsOk());
  EXPECT_EQ(SpellNote(*parsed), note);
  EXPECT_THAT(CheckSignatures(*parsed, {Key(kWitnessKey)}).value(), SizeIs(1));
}

TEST(NoteTest, SecondSignatureOfAKeyDoesNotReplaceItsFirst) {
  const std::string note = absl::StrCat(kCheckpoint, kWitnessLine);
  std::string other = ParseSignatureLine(kWitnessLine)->bytes;
  other[0] = 1;
  const std::string later = NoteSignature{"node.example/witness", Key(kWitnessKey).id(), other}.Line();
  EXPECT_EQ(WithSignatures(note, {later, kWitnessLine}).value(), note);
}

TEST(NoteTest, MalformedLinesAreRefused) {
  for (const char* line :
       {"", "\xE2\x80\x94 ", "\xE2\x80\x94 a", "\xE2\x80\x94 a AAAA",
        "- a AAAAAAA=", "\xE2\x80\x94 a+b AAAAAAA=", "\xE2\x80\x94 a AAAAAAB=", "\xE2\x80\x94 a AAAAAAA=\n\n",
        "\xE2\x80\x94 a\nb AAAAAAA=", "\xE2\x80\x94 \xFF AAAAAAA="}) {
    EXPECT_THAT(ParseSignatureLine(line).status(), StatusIs(kInvalid, ::testing::_)) << line;
    EXPECT_THAT(WithSignatures(kCheckpoint, {line}).status(), StatusIs(kInvalid, ::testing::_)) << line;
  }
  EXPECT_THAT(ParseSignatureLine("\xE2\x80\x94 a AAAAAAA="), IsOk());
  EXPECT_THAT(WithSignatures("text\n", {kWitnessLine}).status(), StatusIs(kInvalid, HasSubstr("signature")));
}

TEST(NoteTest, MoreSignaturesThanReadersTakeAreRefused) {
  std::vector<std::string> lines;
  for (int i = 0; i < 99; ++i)
    lines.push_back(NoteSignature{absl::StrCat("w", i), "abcd", "signature"}.Line());
  const auto full = WithSignatures(kCheckpoint, lines);
  ASSERT_THAT(full, IsOk());
  EXPECT_THAT(WithSignatures(*full, {kWitnessLine}).status(),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("101")));
  EXPECT_THAT(ParseNote(absl::StrCat(*full, kWitnessLine)).status(),
              StatusIs(kInvalid, HasSubstr("too many")));
}

}  // namespace
}  // namespace consort::ledger
