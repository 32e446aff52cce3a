#include "common/ledger/commitment.h"

#include "nlohmann/json.hpp"
#include "tests/support/status_matchers.h"

namespace consort::ledger {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::StatusIs;
using ::nlohmann::json;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

std::string CountingSalt() {
  std::string salt;
  for (int i = 0; i < 32; ++i) salt.push_back(static_cast<char>(i));
  return salt;
}

// sha256sum of: consort.commit.v1, a zero byte, the bytes 00 to 1f, and the value as it stands in RFC 8785.
TEST(CommitmentTest, GivesTheDigestThatOtherToolsGive) {
  EXPECT_EQ(HexOf(Commit(CountingSalt(), "harp and dizi").value()),
            "fb230f9db98b3ccdcd78a3ad7b16bb4fccd5eb4b043fa7c0b8d038f748fb5f92");
  EXPECT_EQ(HexOf(Commit(CountingSalt(), json::parse(R"({"b": "琴", "a": 1})")).value()),
            "d090d1d2414469b2ff68f092c33bb2ebdf5ff0ec7abfbfa1faaaae338f3a5a15");
}

TEST(CommitmentTest, EqualValuesDoNotLookEqual) {
  const auto first = NewOpening("harp and dizi");
  const auto second = NewOpening("harp and dizi");
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->value, "\"harp and dizi\"");
  EXPECT_NE(first->commitment, second->commitment);
  EXPECT_THAT(CheckOpening(*first), IsOk());
  EXPECT_THAT(CheckOpening(*second), IsOk());
}

TEST(CommitmentTest, OpeningOfAnotherCommitmentIsFound) {
  const Opening good = NewOpening("harp and dizi").value();
  const auto changed = [&good](auto change) {
    Opening opening = good;
    change(opening);
    return CheckOpening(opening);
  };
  const auto lost = StatusIs(absl::StatusCode::kDataLoss, ::testing::_);
  EXPECT_THAT(changed([](Opening& o) { o.salt[0] ^= 1; }), lost);
  EXPECT_THAT(changed([](Opening& o) { o.value = "\"harp and dizj\""; }), lost);
  EXPECT_THAT(changed([](Opening& o) { o.commitment[31] ^= 1; }), lost);
  EXPECT_THAT(changed([](Opening& o) { o.salt.pop_back(); }), StatusIs(kInvalid, ::testing::_));
  EXPECT_THAT(changed([](Opening& o) { o.value = "{\"b\":1,\"a\":1}"; }), StatusIs(kInvalid, ::testing::_));
  EXPECT_THAT(changed([](Opening& o) { o.value = "{"; }), StatusIs(kInvalid, ::testing::_));
}

TEST(CommitmentTest, ValuesWithoutOneSpellingAreRefused) {
  EXPECT_THAT(Commit(CountingSalt(), 0.5).status(), StatusIs(kInvalid, ::testing::_));
  EXPECT_THAT(NewOpening("\xFF").status(), StatusIs(kInvalid, ::testing::_));
  EXPECT_THAT(Commit("short", "value").status(), StatusIs(kInvalid, ::testing::_));
}

}  // namespace
}  // namespace consort::ledger
