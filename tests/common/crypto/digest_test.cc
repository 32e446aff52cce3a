#include "common/crypto/digest.h"

#include <set>
#include <utility>

#include "common/crypto/random.h"
#include "tests/support/status_matchers.h"

namespace consort {
namespace {

using ::consort::testing::IsOkAndHolds;
using ::consort::testing::StatusIs;
using ::testing::_;

// FIPS 180-4, examples of NIST's "SHA256.pdf".
constexpr char kAbc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr char kTwoBlocks[] = "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1";

TEST(Sha256Test, GivesThePublishedDigests) {
  EXPECT_EQ(Sha256Hex("abc"), kAbc);
  EXPECT_EQ(Sha256Hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), kTwoBlocks);
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Sha256Test, PiecesGiveTheDigestOfTheWholeAndFinishStartsOver) {
  Sha256 hash;
  hash.Update("a");
  hash.Update("");
  hash.Update("bc");
  EXPECT_EQ(HexOf(hash.Finish()), kAbc);
  hash.Update("abc");
  EXPECT_EQ(HexOf(hash.Finish()), kAbc);
}

TEST(Sha256Test, MovedHashGoesOn) {
  Sha256 first;
  first.Update("ab");
  Sha256 second = std::move(first);
  second.Update("c");
  EXPECT_EQ(HexOf(second.Finish()), kAbc);
}

TEST(HexTest, ReadsWhatItWrites) {
  const std::string bytes("\x00\x7f\xff", 3);
  EXPECT_EQ(HexEncode(bytes), "007fff");
  EXPECT_THAT(HexDecode("007fff"), IsOkAndHolds(bytes));
  EXPECT_THAT(HexDecode(""), IsOkAndHolds(""));
}

TEST(HexTest, RefusesOddLengthUpperCaseAndOtherLetters) {
  for (const char* bad : {"0", "0F", "0g", " 0", "0x"}) {
    EXPECT_THAT(HexDecode(bad), StatusIs(absl::StatusCode::kInvalidArgument, _)) << bad;
  }
}

TEST(HexTest, DigestNeedsExactly64Digits) {
  ASSERT_TRUE(DigestFromHex(kAbc).ok());
  EXPECT_EQ(*DigestFromHex(kAbc), Sha256Of("abc"));
  EXPECT_THAT(DigestFromHex("ba78"), StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(DigestFromHex(std::string(64, 'G')), StatusIs(absl::StatusCode::kInvalidArgument, _));
}

// RFC 4648, section 10.
TEST(Base64Test, GivesThePublishedVectors) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors) {
    EXPECT_EQ(Base64Encode(plain), encoded);
    EXPECT_THAT(Base64Decode(encoded), IsOkAndHolds(plain));
  }
}

TEST(Base64Test, AcceptsOneSpellingOnly) {
  // Stray bits in the last letter, missing padding, white space, the other alphabet, padding inside.
  for (const char* bad :
       {"Zh==", "Zg", "Zg=", "Zm9v\n", " Zm9v", "_-8=", "Zg==Zg==", "Zm9=", "====", "Zm9v="}) {
    EXPECT_THAT(Base64Decode(bad), StatusIs(absl::StatusCode::kInvalidArgument, _)) << bad;
  }
}

TEST(RandomTest, IdsAre32HexDigitsAndDiffer) {
  std::set<std::string> ids;
  for (int i = 0; i < 100; ++i) ids.insert(RandomId());
  EXPECT_EQ(ids.size(), 100u);  // chance of a false alarm: below 2^-114
  EXPECT_EQ(ids.begin()->size(), 32u);
  EXPECT_TRUE(HexDecode(*ids.begin()).ok());
  EXPECT_EQ(RandomBytes(0).size(), 0u);
  EXPECT_EQ(RandomBytes(33).size(), 33u);
}

}  // namespace
}  // namespace consort
