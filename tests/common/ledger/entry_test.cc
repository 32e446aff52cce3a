#include "common/ledger/entry.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/crypto/digest.h"
#include "nlohmann/json.hpp"
#include "tests/support/status_matchers.h"

namespace consort::ledger {
namespace {

using ::consort::testing::IsOk;
using ::consort::testing::IsOkAndHolds;
using ::consort::testing::StatusIs;
using ::nlohmann::json;
using ::testing::_;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

SigningKey KeyOf(const std::string& name, char fill) {
  return SigningKey::FromSeed(name, KeyAlgorithm::kEd25519, std::string(32, fill)).value();
}

class EntryTest : public ::testing::Test {
 protected:
  std::string Seal() {
    return SealEntry(Kind::kIncident, {{"thing", std::string(64, 'a')}},
                     {{"b", 1}, {"a", "\xE7\xAB\xB9\xE7\xAC\x9B"}}, {&key_})
        .value();
  }
  // An envelope of any payload with a good signature.
  std::string SealPayload(const std::string& payload) {
    const std::string type = "application/vnd.in-toto+json";
    const std::string pae =
        absl::StrCat("DSSEv1 ", type.size(), " ", type, " ", payload.size(), " ", payload);
    return absl::StrCat("{\"payload\":\"", Base64Encode(payload), "\",\"payloadType\":\"", type,
                        "\",\"signatures\":[{\"keyid\":\"", key_.verifier().KeyId(), "\",\"sig\":\"",
                        Base64Encode(key_.Sign(pae)), "\"}]}");
  }
  absl::Status OpenPayload(const std::string& payload) {
    return OpenEntry(SealPayload(payload), {key_.verifier()}).status();
  }

  SigningKey key_ = KeyOf("a.demo/entries", 'a');
  SigningKey other_ = KeyOf("b.demo/entries", 'b');
  const std::string payload_ = absl::StrCat(
      "{\"_type\":\"https://in-toto.io/Statement/"
      "v1\",\"predicate\":{\"a\":\"\xE7\xAB\xB9\xE7\xAC\x9B\",\"b\":1},"
      "\"predicateType\":\"urn:x-consort:incident:v1\",\"subject\":[{\"digest\":{\"sha256\":\"",
      std::string(64, 'a'), "\"},\"name\":\"thing\"}]}");
};

TEST_F(EntryTest, IsTheOneSpellingOfItsStatement) { EXPECT_EQ(Seal(), SealPayload(payload_)); }

TEST_F(EntryTest, OpensWithItsSignerAndStatement) {
  const auto opened = OpenEntry(Seal(), {other_.verifier(), key_.verifier()});
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(opened->statement.kind, Kind::kIncident);
  EXPECT_EQ(opened->statement.predicate, "{\"a\":\"\xE7\xAB\xB9\xE7\xAC\x9B\",\"b\":1}");
  ASSERT_EQ(opened->statement.subjects.size(), 1u);
  EXPECT_EQ(opened->statement.subjects[0].name, "thing");
  EXPECT_THAT(opened->signers, ElementsAre(key_.verifier().KeyId()));
  EXPECT_EQ(opened->payload_digest, Sha256Hex(absl::StrCat("DSSEv1 28 application/vnd.in-toto+json ",
                                                           payload_.size(), " ", payload_)));
}

TEST_F(EntryTest, PayloadDigestIsTheSameWhoeverSigns) {
  const json predicate = {{"a", 1}};
  const std::string first = SealEntry(Kind::kJob, {{"x", std::string(64, '0')}}, predicate, {&key_}).value();
  const std::string second =
      SealEntry(Kind::kJob, {{"x", std::string(64, '0')}}, predicate, {&other_}).value();
  EXPECT_NE(first, second);
  EXPECT_EQ(OpenEntry(first, {key_.verifier()})->payload_digest,
            OpenEntry(second, {other_.verifier()})->payload_digest);
}

TEST_F(EntryTest, SeveralSignersStandInTheOrderOfTheirIds) {
  const std::string envelope =
      SealEntry(Kind::kKeyRotate, {{"x", std::string(64, '0')}}, json::object(), {&other_, &key_}).value();
  const auto opened = OpenEntry(envelope, {key_.verifier(), other_.verifier()});
  ASSERT_THAT(opened, IsOk());
  EXPECT_THAT(opened->signers, ElementsAre(key_.verifier().KeyId(), other_.verifier().KeyId()));
  EXPECT_THAT(OpenEntry(envelope, {key_.verifier()}).status(),
              StatusIs(absl::StatusCode::kUnauthenticated, _));
}

TEST_F(EntryTest, UnknownMembersAreKept) {
  const auto opened =
      OpenEntry(SealEntry(Kind::kJob, {{"x", std::string(64, '0')}}, {{"later", {1, 2}}}, {&key_}).value(),
                {key_.verifier()});
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(opened->statement.predicate, "{\"later\":[1,2]}");
}

TEST_F(EntryTest, EveryByteChangeIsNoticed) {
  const std::string envelope = Seal();
  for (size_t byte = 0; byte < envelope.size(); ++byte) {
    std::string changed = envelope;
    changed[byte] = static_cast<char>(changed[byte] ^ 0x01);
    EXPECT_FALSE(OpenEntry(changed, {key_.verifier()}).ok()) << byte;
    EXPECT_FALSE(OpenEntry(envelope.substr(0, byte), {key_.verifier()}).ok()) << byte;
  }
}

TEST_F(EntryTest, ForeignKeyOfTheSameNameIsNotItsSigner) {
  EXPECT_THAT(OpenEntry(Seal(), {KeyOf("a.demo/entries", 'x').verifier()}).status(),
              StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("not known")));
  // Nor is one that claims the other's id.
  const SigningKey foreign = KeyOf("a.demo/entries", 'x');
  std::string envelope =
      SealEntry(Kind::kIncident, {{"x", std::string(64, '0')}}, json::object(), {&foreign}).value();
  envelope = absl::StrReplaceAll(envelope, {{foreign.verifier().KeyId(), key_.verifier().KeyId()}});
  EXPECT_THAT(OpenEntry(envelope, {key_.verifier()}).status(),
              StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("bad signature")));
}

TEST_F(EntryTest, CosigningKeyIsNoEntryKey) {
  const auto mirror =
      SigningKey::FromSeed("a.demo/mirror", KeyAlgorithm::kCosignatureV1, std::string(32, 'a')).value();
  EXPECT_THAT(SealEntry(Kind::kJob, {{"x", std::string(64, '0')}}, json::object(), {&mirror}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("entry keys only")));
}

TEST_F(EntryTest, OtherSpellingsOfTheEnvelopeAreRefused) {
  const std::string good = Seal();
  ASSERT_THAT(OpenEntry(good, {key_.verifier()}), IsOk());
  const std::string signature =
      good.substr(good.find("{\"keyid\""), good.size() - 2 - good.find("{\"keyid\""));
  const std::string bad[] = {
      " " + good,
      good + "\n",
      absl::StrReplaceAll(good, {{"\",\"payloadType", "\", \"payloadType"}}),
      absl::StrReplaceAll(good, {{"application/", "application\\/"}}),
      absl::StrReplaceAll(good, {{"in-toto+json", "in-toto+jsom"}}),
      absl::StrReplaceAll(good, {{"==\"}]}", "\"}]}"}}),                        // no padding
      absl::StrReplaceAll(good, {{"]}", absl::StrCat(",", signature, "]}")}}),  // one key twice
      absl::StrReplaceAll(good, {{signature, ""}}),                             // no signature
      absl::StrReplaceAll(good, {{"]}", "],\"more\":1}"}}),
      absl::StrReplaceAll(good, {{"{\"keyid\"", "{\"more\":1,\"keyid\""}}),
      "{\"payload\":\"",
      "{}",
      "",
  };
  for (const std::string& envelope : bad) {
    EXPECT_THAT(OpenEntry(envelope, {key_.verifier()}).status(),
                StatusIs(absl::StatusCode::kInvalidArgument, _))
        << envelope;
  }
}

TEST_F(EntryTest, NonCanonicalBase64IsRefused) {
  const std::string good = Seal();
  const size_t end = good.rfind("==\"");
  ASSERT_NE(end, std::string::npos);  // a signature of 64 bytes leaves four bits over
  std::string stray = good;
  stray[end - 1] = static_cast<char>(stray[end - 1] + 1);
  EXPECT_THAT(OpenEntry(stray, {key_.verifier()}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("canonical spelling")));
}

TEST_F(EntryTest, WellSignedPayloadsThatAreNotCanonicalAreRefused) {
  ASSERT_THAT(OpenPayload(payload_), IsOk());
  const std::pair<const char*, const char*> changes[] = {
      {"\"b\":1", "\"b\": 1"},
      {"\"b\":1", "\"b\":1.0"},
      {"\"b\":1", "\"b\":1.5"},
      {"\"b\":1", "\"b\":1e2"},
      {"\"b\":1", "\"b\":-0"},
      {"\"b\":1", "\"b\":9007199254740992"},
      {"\"b\":1", "\"b\":18446744073709551616"},
      {"\"b\":1", "\"b\":1,\"b\":2"},
      {"\"b\":1", "\"b\":1,\"aa\":2"},
      {"\"b\":1", "\"b\":\"\\ud800\""},
      {"\"b\":1", "\"b\":\"\\udc00\\ud800\""},
      {"\"b\":1", "\"b\":\"\\u0041\""},
      {"\"b\":1", "\"b\":\"\xED\xA0\x80\""},
      {"\"b\":1", "\"b\":\"\xC0\x80\""},
      {"\"b\":1", "\"\xC3\xA9\":1"},
      {"\"b\":1", "\"b\":NaN"},
      {"Statement/v1", "Statement/v0"},
      {"urn:x-consort:incident:v1", "urn:x-consort:unheard:v1"},
      {"urn:x-consort:incident:v1", "urn:x-consort:incident:v2"},
      {"\"name\":\"thing\"", "\"mane\":\"thing\""},
      {"sha256", "sha512"},
      {"\"sha256\":\"aaaa", "\"sha256\":\"AAAA"},
  };
  for (const auto& [from, to] : changes) {
    const std::string changed = absl::StrReplaceAll(payload_, {{from, to}});
    ASSERT_NE(changed, payload_) << from;
    EXPECT_THAT(OpenPayload(changed), StatusIs(absl::StatusCode::kInvalidArgument, _)) << to;
  }
  EXPECT_THAT(OpenPayload(payload_ + std::string(1, '\0')), StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(OpenPayload("\xEF\xBB\xBF" + payload_), StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(OpenPayload("[]"), StatusIs(absl::StatusCode::kInvalidArgument, _));
}

TEST_F(EntryTest, SizeIsBounded) {
  const auto seal = [this](size_t bytes) {
    return SealEntry(Kind::kJob, {{"x", std::string(64, '0')}}, {{"a", std::string(bytes, 'x')}}, {&key_});
  };
  EXPECT_THAT(seal(11'000), IsOk());
  EXPECT_THAT(seal(13'000).status(), StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("16384")));
  EXPECT_THAT(OpenEntry(std::string(kMaxEntryBytes + 1, 'x'), {}).status(),
              StatusIs(absl::StatusCode::kResourceExhausted, _));
}

TEST_F(EntryTest, CannotBeSealedWithoutSubjectSignerOrObject) {
  const std::vector<Subject> subject = {{"x", std::string(64, '0')}};
  EXPECT_THAT(SealEntry(Kind::kJob, {}, json::object(), {&key_}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(SealEntry(Kind::kJob, subject, json::object(), {}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(SealEntry(Kind::kJob, subject, json::object(), {&key_, &key_}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(SealEntry(Kind::kJob, subject, json::array(), {&key_}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(SealEntry(Kind::kJob, {{"x", "ABC"}}, json::object(), {&key_}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(SealEntry(Kind::kJob, subject, {{"scores", {{{"mean", 0.5}}}}}, {&key_}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("predicate.scores[0].mean")));
}

TEST_F(EntryTest, ReadingWithoutKeysStillChecksTheSpelling) {
  EXPECT_EQ(ReadEntry(Seal())->kind, Kind::kIncident);
  EXPECT_THAT(ReadEntry(Seal() + " ").status(), StatusIs(absl::StatusCode::kInvalidArgument, _));
}

TEST(KindTest, NamesAreReadBackAndUnknownOnesRefused) {
  for (int kind = 0; kind <= static_cast<int>(Kind::kReceipt); ++kind) {
    EXPECT_THAT(KindFromName(KindName(static_cast<Kind>(kind))), IsOkAndHolds(static_cast<Kind>(kind)));
  }
  EXPECT_EQ(PredicateType(Kind::kRoundOpen), "urn:x-consort:round-open:v1");
  EXPECT_THAT(KindFromName("unheard").status(), StatusIs(absl::StatusCode::kInvalidArgument, _));
}

// RFC 8785, section 3.2.2 (without its numbers) and 3.2.3 (restricted to ASCII names).
TEST(CanonicalJsonTest, EscapesAndSortsAsRfc8785) {
  const json value = json::parse(
      R"({"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false],"\r":"cr","1":"one"})");
  EXPECT_THAT(
      CanonicalJson(value),
      IsOkAndHolds("{\"\\r\":\"cr\",\"1\":\"one\",\"literals\":[null,true,false],\"string\":\"\xE2\x82\xAC$"
                   "\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}"));
}

TEST(CanonicalJsonTest, IntegersWithin53Bits) {
  EXPECT_THAT(CanonicalJson(json(9007199254740991)), IsOkAndHolds("9007199254740991"));
  EXPECT_THAT(CanonicalJson(json(-9007199254740991)), IsOkAndHolds("-9007199254740991"));
  for (const json& value : {json(9007199254740992), json(-9007199254740992), json(uint64_t{1} << 63),
                            json(std::numeric_limits<int64_t>::min()), json(0.5)}) {
    EXPECT_THAT(CanonicalJson(value).status(), StatusIs(absl::StatusCode::kInvalidArgument, _)) << value;
  }
}

TEST(CanonicalJsonTest, NamesTheMemberThatItRefuses) {
  EXPECT_THAT(CanonicalJson({{"a", {1, {{"b", 0.5}}}}}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("a[1].b")));
  EXPECT_THAT(CanonicalJson({{"a", {{"\xC3\xA9", 1}}}}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not ASCII: member a")));
  EXPECT_THAT(CanonicalJson({{"a", "\xFF"}}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("UTF-8")));
}

std::string Nested(int depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(StrictJsonTest, DepthIsBoundedTheSameWayForReadingAndWriting) {
  ASSERT_THAT(ParseStrictJson(Nested(32)), IsOk());
  EXPECT_THAT(CanonicalJson(*ParseStrictJson(Nested(32))), IsOkAndHolds(Nested(32)));
  EXPECT_THAT(ParseStrictJson(Nested(33)).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("32")));
  EXPECT_THAT(ParseStrictJson(std::string(1'000'000, '[')).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(CanonicalJson(json::parse(Nested(33))).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
}

TEST(StrictJsonTest, KeepsEveryValue) {
  const auto parsed = ParseStrictJson(R"( {"a":[1,-2,"x",null,true,{"b":{}}],"c":0.5,"d":[]} )");
  ASSERT_THAT(parsed, IsOk());
  EXPECT_EQ(*parsed, json::parse(R"({"a":[1,-2,"x",null,true,{"b":{}}],"c":0.5,"d":[]})"));
}

TEST(StrictJsonTest, RefusesDuplicateNamesAtEveryDepth) {
  EXPECT_THAT(ParseStrictJson(R"({"a":1,"a":1})").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("repeats")));
  EXPECT_THAT(ParseStrictJson(R"([{"x":{"a":1,"\u0061":2}}])").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("repeats")));
  EXPECT_THAT(ParseStrictJson(R"([{"a":1},{"a":1}])"), IsOk());
}

TEST(StrictJsonTest, RefusesWhatLenientParsersTake) {
  const std::string bad[] = {"",
                             "{",
                             "{}x",
                             "{} {}",
                             "// c\n{}",
                             "{'a':1}",
                             "[1,]",
                             "{\"a\":}",
                             "nul",
                             "[01]",
                             "[1e999]",
                             "\"\\ud800\"",
                             "\"\\ud800x\"",
                             "\"\xFF\"",
                             "\"\x01\"",
                             std::string("{}\0", 3),
                             std::string("{}\0x", 4),
                             "\xEF\xBB\xBF{}"};
  for (const std::string& text : bad) {
    EXPECT_THAT(ParseStrictJson(text).status(), StatusIs(absl::StatusCode::kInvalidArgument, _)) << text;
  }
}

}  // namespace
}  // namespace consort::ledger
