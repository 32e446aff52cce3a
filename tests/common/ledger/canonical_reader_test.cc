// The one-pass reader against the two steps that define what is canonical: parse strictly, spell, compare.
#include "common/ledger/canonical_reader.h"

#include <random>

#include "absl/strings/str_cat.h"
#include "common/ledger/entry.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"

namespace consort::ledger {
namespace {

using ::nlohmann::json;

// By the definition.
std::optional<json> InTwoSteps(const std::string& text) {
  const auto parsed = ParseStrictJson(text);
  if (!parsed.ok()) return std::nullopt;
  const auto canonical = CanonicalJson(*parsed);
  if (!canonical.ok() || *canonical != text) return std::nullopt;
  return *parsed;
}

void ExpectAlike(const std::string& text) {
  absl::string_view predicate;
  const std::optional<json> read = ReadCanonicalJson(text, predicate);
  const std::optional<json> expected = InTwoSteps(text);
  ASSERT_EQ(read.has_value(), expected.has_value()) << ::testing::PrintToString(text);
  if (!read) return;
  EXPECT_EQ(*read, *expected) << text;
  // Integers must have the library's own types: callers ask is_number_unsigned.
  EXPECT_EQ(read->dump(), expected->dump());
  if (!read->is_object()) return;
  for (const auto& [name, value] : read->items()) EXPECT_EQ(value.type(), (*expected)[name].type()) << text;
}

TEST(CanonicalReaderTest, AgreesOnEverySpellingThatHasTwo) {
  const std::string deep32 = std::string(32, '[') + std::string(32, ']');
  const std::string texts[] = {"",
                               "{}",
                               "[]",
                               "null",
                               "true",
                               "false",
                               "nul",
                               "truefalse",
                               "0",
                               "-0",
                               "00",
                               "01",
                               "-1",
                               "-01",
                               "1.0",
                               "1e2",
                               "1.",
                               "9007199254740991",
                               "9007199254740992",
                               "-9007199254740991",
                               "-9007199254740992",
                               "18446744073709551616",
                               "99999999999999999999999",
                               "+1",
                               " 1",
                               "1 ",
                               "\"\"",
                               "\"a",
                               "\"\\\"\\\\\"",
                               "\"\\/\"",
                               "\"/\"",
                               "\"\\b\\t\\n\\f\\r\"",
                               "\"\\u0008\"",
                               "\"\\u000a\"",
                               "\"\\u0000\"",
                               "\"\\u0001\"",
                               "\"\\u001f\"",
                               "\"\\u001F\"",
                               "\"\\u0020\"",
                               "\"\\u0041\"",
                               "\"\\u00e9\"",
                               "\"\\ud800\"",
                               "\"\\x\"",
                               "\"\x7f\"",
                               "\"\x01\"",
                               "\"\xC3\xA9\"",
                               "\"\xE7\xAB\xB9\"",
                               "\"\xF0\x9F\x8E\xB5\"",
                               "\"\xED\xA0\x80\"",
                               "\"\xC0\x80\"",
                               "\"\xFF\"",
                               "\xEF\xBB\xBF{}",
                               "{\"a\":1,\"b\":2}",
                               "{\"b\":1,\"a\":2}",
                               "{\"a\":1,\"a\":2}",
                               "{\"a\":1,}",
                               "{\"a\"}",
                               "{\"a\" :1}",
                               "{\"\xC3\xA9\":1}",
                               "{\"\":1}",
                               "{\"a\\n\":1,\"b\":1}",
                               "{\"a\":-1}",
                               "[1,2,[3,{}]]",
                               "[1,]",
                               "[1 ,2]",
                               "[",
                               "{",
                               "{\"a\":",
                               deep32,
                               "[" + deep32 + "]",
                               "{\"a\":" + deep32 + "}",
                               std::string("\"\0\"", 3),
                               std::string("{}\0", 3)};
  for (const std::string& text : texts) ExpectAlike(text);
}

TEST(CanonicalReaderTest, GivesThePredicatesTextOfTheOutermostObjectOnly) {
  absl::string_view predicate;
  const std::string text = "{\"a\":{\"predicate\":{\"inner\":1}},\"predicate\":{\"b\":[1,\"x\"]},\"z\":1}";
  ASSERT_TRUE(ReadCanonicalJson(text, predicate).has_value());
  EXPECT_EQ(predicate, "{\"b\":[1,\"x\"]}");
}

TEST(CanonicalReaderTest, AgreesOnChangedBytes) {
  const std::string good =
      "{\"_type\":\"x\",\"n\":[0,-17,9007199254740991],\"predicate\":{\"a\\u0001\":\"\xE7\xAB\xB9\\n\\\\\","
      "\"b\":true,"
      "\"c\":{},\"d\":null},\"z\":\"\\\"\"}";
  ExpectAlike(good);
  ASSERT_TRUE(InTwoSteps(good).has_value());
  std::mt19937 random(4);
  const std::string letters = "{}[]\",:\\u0123456789abcdefnrt-+.e \x01\x7f\xC3\xA9";
  for (int i = 0; i < 30'000; ++i) {
    std::string text = good;
    for (uint32_t changes = 1 + random() % 3; changes > 0; --changes) {
      const size_t at = random() % text.size();
      const char letter = letters[random() % letters.size()];
      switch (random() % 3) {
        case 0:
          text[at] = letter;
          break;
        case 1:
          text.insert(at, 1, letter);
          break;
        default:
          text.erase(at, 1);
      }
    }
    ExpectAlike(text);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace consort::ledger
