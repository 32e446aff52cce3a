#include "common/ledger/checkpoint.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/support/status_matchers.h"

namespace consort::ledger {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::testing::_;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Made outside this project from the secret keys of RFC 8032, tests 1 and 2.
constexpr char kText[] = "ledger.example/kat\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n";
constexpr char kLogLine[] =
    "\xE2\x80\x94 ledger.example/kat "
    "et/A0mw7ZZIRYnLcHKQpQul1kkSB+2oApv42brq1pA2dLKkPT93/+nGOKChXgGur7s7VGv+CXGkluei+vy+DAcZKeAc=\n";
constexpr char kWitnessLine[] =
    "\xE2\x80\x94 node.example/witness "
    "eenl5AAAAABlU/EAe/sXWlYVUTDI2y7FRm7CZ+XeUJADtoAfRo7guFLLIK6HPabPNrB5eNLNyy1wTdM6ca/"
    "yqjvu9VZdRsOBDggWBA==\n";

SigningKey LogKey() {
  return SigningKey::FromSeed(
             "ledger.example/kat", KeyAlgorithm::kEd25519,
             HexDecode("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60").value())
      .value();
}
SigningKey WitnessKey() {
  return SigningKey::FromSeed(
             "node.example/witness", KeyAlgorithm::kCosignatureV1,
             HexDecode("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb").value())
      .value();
}
Checkpoint Known() {
  return {"ledger.example/kat", 8,
          DigestFromHex("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328").value()};
}
std::string Note() { return absl::StrCat(kText, "\n", kLogLine); }

TEST(CheckpointTest, SignsTheKnownAnswer) {
  EXPECT_EQ(Known().Text(), kText);
  EXPECT_EQ(SignCheckpoint(Known(), LogKey()), Note());
}

TEST(CheckpointTest, CosignsTheKnownAnswer) {
  EXPECT_EQ(CosignatureLine(kText, WitnessKey(), absl::FromUnixSeconds(1'700'000'000)), kWitnessLine);
}

TEST(CheckpointTest, OpensWhatItSigned) {
  const auto opened =
      OpenCheckpoint(absl::StrCat(Note(), kWitnessLine), {LogKey().verifier()}, {WitnessKey().verifier()});
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(opened->checkpoint.origin, "ledger.example/kat");
  EXPECT_EQ(opened->checkpoint.size, 8u);
  EXPECT_EQ(opened->checkpoint.root, Known().root);
  EXPECT_EQ(opened->text, kText);
  EXPECT_THAT(opened->signers, ElementsAre("ledger.example/kat+7adfc0d2", "node.example/witness+79e9e5e4"));
}

TEST(CheckpointTest, UnknownKeysAreIgnored) {
  const auto opened = OpenCheckpoint(absl::StrCat(Note(), kWitnessLine), {LogKey().verifier()});
  ASSERT_THAT(opened, IsOk());
  EXPECT_THAT(opened->signers, ElementsAre("ledger.example/kat+7adfc0d2"));
}

TEST(CheckpointTest, EveryByteChangeIsNoticed) {
  const std::string note = absl::StrCat(Note(), kWitnessLine);
  for (size_t byte = 0; byte < note.size(); ++byte) {
    for (const int bit : {0x01, 0x20, 0x80}) {
      std::string changed = note;
      changed[byte] = static_cast<char>(changed[byte] ^ bit);
      const auto opened = OpenCheckpoint(changed, {LogKey().verifier()}, {WitnessKey().verifier()});
      // What may still pass is a witness line that has become one of an unknown key.
      if (opened.ok()) {
        EXPECT_GE(byte, Note().size()) << byte;
        EXPECT_EQ(opened->signers.size(), 1u) << byte;
      }
    }
  }
}

TEST(CheckpointTest, ForeignKeyOfTheSameNameIsNotTheLog) {
  const SigningKey foreign = SigningKey::Generate("ledger.example/kat");
  EXPECT_THAT(OpenCheckpoint(SignCheckpoint(Known(), foreign), {LogKey().verifier()}).status(),
              StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("trusted key")));
}

TEST(CheckpointTest, TrustedKeyOfAnotherLogDoesNotSpeakForThisOne) {
  const SigningKey other = SigningKey::Generate("ledger.example/other");
  EXPECT_THAT(
      OpenCheckpoint(SignCheckpoint(Known(), other), {LogKey().verifier(), other.verifier()}).status(),
      StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("its own log")));
}

TEST(CheckpointTest, BadSignatureOfAKnownWitnessIsNotOverlooked) {
  const std::string line = CosignatureLine("another text\n", WitnessKey(), absl::FromUnixSeconds(1));
  EXPECT_THAT(OpenCheckpoint(Note() + line, {LogKey().verifier()}, {WitnessKey().verifier()}).status(),
              StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("node.example/witness+79e9e5e4")));
}

TEST(CheckpointTest, WitnessAloneDoesNotMakeACheckpoint) {
  const std::string note = absl::StrCat(kText, "\n", kWitnessLine);
  EXPECT_THAT(OpenCheckpoint(note, {LogKey().verifier()}, {WitnessKey().verifier()}).status(),
              StatusIs(absl::StatusCode::kUnauthenticated, _));
  // Nor does a cosigning key that is wrongly listed as the log's.
  EXPECT_THAT(OpenCheckpoint(note, {WitnessKey().verifier()}).status(),
              StatusIs(absl::StatusCode::kUnauthenticated, _));
}

std::string Signed(const std::string& text) {
  const std::string line =
      absl::StrCat("\xE2\x80\x94 ledger.example/kat ",
                   Base64Encode(absl::StrCat(LogKey().verifier().id(), LogKey().Sign(text))), "\n");
  return absl::StrCat(text, "\n", line);
}

TEST(CheckpointTest, WellSignedButMalformedTextsAreRefused) {
  ASSERT_THAT(OpenCheckpoint(Signed(kText), {LogKey().verifier()}), IsOk());
  const std::string root = "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=";
  const std::string bad[] = {
      absl::StrCat("ledger.example/kat\n8\n", root, "\nextension\n"),
      "ledger.example/kat\n8\n",
      absl::StrCat("\n8\n", root, "\n"),
      absl::StrCat("ledger.example/kat\n08\n", root, "\n"),
      absl::StrCat("ledger.example/kat\n+8\n", root, "\n"),
      absl::StrCat("ledger.example/kat\n-8\n", root, "\n"),
      absl::StrCat("ledger.example/kat\n8 \n", root, "\n"),
      absl::StrCat("ledger.example/kat\n9223372036854775808\n", root, "\n"),
      "ledger.example/kat\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyh=\n",  // stray bits
      "ledger.example/kat\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg\n",   // no padding
      "ledger.example/kat\n8\nAAAA\n",
      absl::StrCat("ledger.example/kat\r\n8\n", root, "\n"),
      absl::StrCat("ledger\xFF.example/kat\n8\n", root, "\n"),
  };
  for (const std::string& text : bad) {
    EXPECT_THAT(OpenCheckpoint(Signed(text), {LogKey().verifier()}).status(),
                StatusIs(absl::StatusCode::kInvalidArgument, _))
        << text;
  }
}

TEST(CheckpointTest, MalformedNotesAreRefused) {
  const std::string bad[] = {
      "",
      kText,
      absl::StrCat(kText, "\n"),
      absl::StrReplaceAll(Note(), {{"\xE2\x80\x94 ", "- "}}),
      Note().substr(0, Note().size() - 1),
      Note() + "\n",
      absl::StrCat(Note(), "rest\n"),
      absl::StrCat(Note(), kLogLine),
      absl::StrReplaceAll(Note(), {{"eAc=\n", "eAd=\n"}}),  // stray bits
      absl::StrReplaceAll(Note(), {{"eAc=\n", "eAc= x\n"}}),
      absl::StrCat(kText, "\n\xE2\x80\x94 ledger.example/kat AAAA\n"),
      absl::StrCat(kText, std::string(70'000, 'x')),
  };
  for (const std::string& note : bad) {
    EXPECT_THAT(OpenCheckpoint(note, {LogKey().verifier()}).status(),
                StatusIs(absl::StatusCode::kInvalidArgument, _))
        << note.substr(0, 400);
  }
}

TEST(CheckpointTest, ReadingWithoutKeysChecksTheFormOnly) {
  EXPECT_EQ(ReadCheckpoint(Note())->size, 8u);
  EXPECT_THAT(ReadCheckpoint("text").status(), StatusIs(absl::StatusCode::kInvalidArgument, _));
}

}  // namespace
}  // namespace consort::ledger
