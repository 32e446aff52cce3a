#include "common/crypto/signing_key.h"

#include <sys/stat.h>

#include <utility>

#include "absl/strings/str_replace.h"
#include "common/crypto/certificate.h"
#include "common/crypto/digest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::consort::testing::TemporaryDirectory;
using ::testing::_;
using ::testing::HasSubstr;
using ::testing::Not;

// RFC 8032, section 7.1, tests 1 and 2.
constexpr char kSeed1[] = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
constexpr char kSignature1[] =
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0"
    "595bbe"
    "24655141438e7a100b";
constexpr char kSeed2[] = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
constexpr char kSignature2[] =
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eae"
    "b4302aee"
    "b00d291612bb0c00";
// The verifier keys of those two as C2SP writes them; computed outside this project.
constexpr char kLogKey[] = "ledger.example/kat+7adfc0d2+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea";
constexpr char kWitnessKey[] = "node.example/witness+79e9e5e4+BD1AF8PoQ4lakrcKp00bfrycmCzPLsSWjMDNVfEq9GYM";

SigningKey FromSeed(const char* name, KeyAlgorithm algorithm, const char* seed_hex) {
  return SigningKey::FromSeed(name, algorithm, HexDecode(seed_hex).value()).value();
}

TEST(SigningKeyTest, SignsAsRfc8032Says) {
  EXPECT_EQ(HexEncode(FromSeed("a", KeyAlgorithm::kEd25519, kSeed1).Sign("")), kSignature1);
  EXPECT_EQ(HexEncode(FromSeed("a", KeyAlgorithm::kEd25519, kSeed2).Sign("\x72")), kSignature2);
}

TEST(SigningKeyTest, VerifierKeysAreSpelledAsC2spSays) {
  EXPECT_EQ(FromSeed("ledger.example/kat", KeyAlgorithm::kEd25519, kSeed1).verifier().ToString(), kLogKey);
  EXPECT_EQ(FromSeed("node.example/witness", KeyAlgorithm::kCosignatureV1, kSeed2).verifier().ToString(),
            kWitnessKey);
}

TEST(SigningKeyTest, SeedMustBe32Bytes) {
  EXPECT_THAT(SigningKey::FromSeed("a", KeyAlgorithm::kEd25519, "short").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("32")));
}

TEST(SigningKeyTest, GeneratedKeysDiffer) {
  EXPECT_NE(SigningKey::Generate("a").verifier().public_key(),
            SigningKey::Generate("a").verifier().public_key());
}

TEST(SigningKeyTest, SavedKeyLoadsAndSignsTheSame) {
  TemporaryDirectory directory;
  const SigningKey key = SigningKey::Generate("archive-uk-1.demo/entries");
  ASSERT_THAT(key.Save(directory.Path("entries.key")), IsOk());
  auto loaded = SigningKey::Load(directory.Path("entries.key"), "archive-uk-1.demo/entries");
  ASSERT_THAT(loaded, IsOk());
  EXPECT_TRUE(loaded->verifier() == key.verifier());
  EXPECT_EQ(loaded->Sign("x"), key.Sign("x"));
}

TEST(SigningKeyTest, SavedFileBelongsToItsOwnerAlone) {
  TemporaryDirectory directory;
  ASSERT_THAT(SigningKey::Generate("a").Save(directory.Path("key")), IsOk());
  struct stat facts {};
  ASSERT_EQ(stat(directory.Path("key").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
}

TEST(SigningKeyTest, SaveNeverReplacesAKey) {
  TemporaryDirectory directory;
  const SigningKey first = SigningKey::Generate("a");
  ASSERT_THAT(first.Save(directory.Path("key")), IsOk());
  EXPECT_THAT(SigningKey::Generate("a").Save(directory.Path("key")),
              StatusIs(absl::StatusCode::kAlreadyExists, _));
  EXPECT_TRUE(SigningKey::Load(directory.Path("key"), "a")->verifier() == first.verifier());
}

TEST(SigningKeyTest, LoadRefusesAKeyThatOthersCanRead) {
  TemporaryDirectory directory;
  ASSERT_THAT(SigningKey::Generate("a").Save(directory.Path("key")), IsOk());
  for (const mode_t mode : {0640, 0604, 0660, 0610}) {
    ASSERT_EQ(chmod(directory.Path("key").c_str(), mode), 0);
    EXPECT_THAT(SigningKey::Load(directory.Path("key"), "a").status(),
                StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("chmod 600")));
  }
}

TEST(SigningKeyTest, LoadSaysWhatIsWrongWithTheFile) {
  TemporaryDirectory directory;
  EXPECT_THAT(SigningKey::Load(directory.Path("missing"), "a").status(),
              StatusIs(absl::StatusCode::kNotFound, _));
  ASSERT_THAT(WriteNewFile(directory.Path("text"), "no key", 0600), IsOk());
  EXPECT_THAT(SigningKey::Load(directory.Path("text"), "a").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
  ASSERT_THAT(WriteNewFile(directory.Path("tls"), GenerateTlsKeyPem().value(), 0600), IsOk());
  EXPECT_THAT(SigningKey::Load(directory.Path("tls"), "a").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("Ed25519")));
}

TEST(VerifierKeyTest, ParsesWhatItPrints) {
  for (const char* text : {kLogKey, kWitnessKey}) {
    auto key = VerifierKey::Parse(text);
    ASSERT_THAT(key, IsOk());
    EXPECT_EQ(key->ToString(), text);
  }
  EXPECT_EQ(VerifierKey::Parse(kWitnessKey)->algorithm(), KeyAlgorithm::kCosignatureV1);
  EXPECT_EQ(VerifierKey::Parse(kLogKey)->KeyId(), "ledger.example/kat+7adfc0d2");
}

TEST(VerifierKeyTest, RefusesEveryOtherSpelling) {
  const std::string bad[] = {
      "",
      "ledger.example/kat+7adfc0d2",
      absl::StrReplaceAll(kLogKey, {{"7adfc0d2", "7adfc0d3"}}),
      absl::StrReplaceAll(kLogKey, {{"7adfc0d2", "7ADFC0D2"}}),
      absl::StrReplaceAll(kLogKey, {{"example", "other"}}),
      absl::StrReplaceAll(kLogKey, {{"B1Ea", "B1Eb"}}),
      std::string(kLogKey) + "\n",
      std::string(" ") + kLogKey,
      "ledger example/kat+7adfc0d2+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
      "a+00000000+Bg==",
  };
  for (const std::string& text : bad) {
    EXPECT_THAT(VerifierKey::Parse(text).status(), StatusIs(absl::StatusCode::kInvalidArgument, _)) << text;
  }
}

TEST(VerifierKeyTest, NameMayHoldNoPlusSpaceOrControlCharacter) {
  const std::string key(32, 'k');
  for (const std::string name : {"", "a b", "a+b", "a\nb", "a\"b", "\xC2\xA0"}) {
    EXPECT_THAT(VerifierKey::Create(name, KeyAlgorithm::kEd25519, key).status(),
                StatusIs(absl::StatusCode::kInvalidArgument, _));
  }
  EXPECT_THAT(VerifierKey::Create("a", KeyAlgorithm::kEd25519, "short").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
}

TEST(VerifierKeyTest, SignatureHoldsForItsMessageAndKeyOnly) {
  const SigningKey key = SigningKey::Generate("a");
  const std::string signature = key.Sign("message");
  EXPECT_TRUE(key.verifier().Verify("message", signature));
  EXPECT_FALSE(key.verifier().Verify("massage", signature));
  EXPECT_FALSE(SigningKey::Generate("a").verifier().Verify("message", signature));
  EXPECT_FALSE(key.verifier().Verify("message", signature.substr(1)));
  EXPECT_FALSE(key.verifier().Verify("message", signature + "x"));
  EXPECT_FALSE(Ed25519Verify("short", "message", signature));
  for (size_t byte = 0; byte < signature.size(); ++byte) {
    std::string changed = signature;
    changed[byte] = static_cast<char>(changed[byte] ^ 1);
    EXPECT_FALSE(key.verifier().Verify("message", changed)) << byte;
  }
}

}  // namespace
}  // namespace consort
