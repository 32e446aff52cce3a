#include "common/config/document.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace consort {
namespace {

using consort::testing::IsOk;
using consort::testing::IsOkAndHolds;
using consort::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::StartsWith;

constexpr char kText[] =
    "[server]\n"
    "listen = \"127.0.0.1:1\"\n"
    "streams = 8\n"
    "ratio = 0.5\n"
    "strict = true\n"
    "names = [\"a\", \"b\"]\n"
    "map = {b = \"2\", a = \"1\"}\n";

Environment Variables(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const std::string& name) -> std::optional<std::string> {
    const auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional<std::string>(found->second);
  };
}

ConfigDocument Parsed(absl::string_view text = kText, Environment environment = NoEnvironment()) {
  auto document = ConfigDocument::Parse(text, "a.toml", std::move(environment));
  EXPECT_THAT(document, IsOk());
  return std::move(document).value();
}

TEST(ConfigDocumentTest, GivesEachTypeAsWritten) {
  ConfigDocument document = Parsed();
  EXPECT_THAT(document.String("server", "listen"), IsOkAndHolds("127.0.0.1:1"));
  EXPECT_THAT(document.Integer("server", "streams", std::nullopt, {1, 64}, "streams"), IsOkAndHolds(8));
  EXPECT_THAT(document.Real("server", "ratio", std::nullopt, {0, 1}, ""), IsOkAndHolds(0.5));
  EXPECT_THAT(document.Real("server", "streams", std::nullopt, {}, ""), IsOkAndHolds(8.0));
  EXPECT_THAT(document.Bool("server", "strict"), IsOkAndHolds(true));
  EXPECT_THAT(document.Strings("server", "names"), IsOkAndHolds(ElementsAre("a", "b")));
  EXPECT_THAT(document.Table("server", "map"), IsOkAndHolds(ElementsAre(Pair("a", "1"), Pair("b", "2"))));
}

TEST(ConfigDocumentTest, FallsBackWhenTheKeyIsGivenNowhere) {
  ConfigDocument document = Parsed("");
  EXPECT_THAT(document.String("log", "level", "info"), IsOkAndHolds("info"));
  EXPECT_THAT(document.Integer("log", "lines", 3, {}, ""), IsOkAndHolds(3));
  EXPECT_THAT(document.Table("log", "map"), IsOkAndHolds(ElementsAre()));
}

TEST(ConfigDocumentTest, FlagWinsOverEnvironmentWinsOverFile) {
  ConfigDocument document = Parsed(
      kText, Variables({{"CONSORT_SERVER_LISTEN", "from-environment"}, {"CONSORT_SERVER_STREAMS", "9"}}));
  EXPECT_THAT(document.String("server", "listen"), IsOkAndHolds("from-environment"));
  EXPECT_THAT(document.Integer("server", "streams", 1, {}, ""), IsOkAndHolds(9));
  document.Override("server", "listen", "from-flag");
  EXPECT_THAT(document.String("server", "listen"), IsOkAndHolds("from-flag"));
}

TEST(ConfigDocumentTest, ReadsListsAndTablesFromTheEnvironment) {
  ConfigDocument document = Parsed(
      "", Variables({{"CONSORT_POLICY_PURPOSES", "train, evaluate"}, {"CONSORT_POLICY_MAP", "x=1,y=2"}}));
  EXPECT_THAT(document.Strings("policy", "purposes"), IsOkAndHolds(ElementsAre("train", "evaluate")));
  EXPECT_THAT(document.Table("policy", "map"), IsOkAndHolds(ElementsAre(Pair("x", "1"), Pair("y", "2"))));
}

TEST(ConfigDocumentTest, WrongTypeIsNamedWithItsLineAndColumn) {
  ConfigDocument document = Parsed("[server]\nlisten = 5\n");
  EXPECT_THAT(document.String("server", "listen"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       StartsWith("a.toml:2:10: server.listen must be a string")));
}

TEST(ConfigDocumentTest, IntegerOutOfRangeIsRefusedWithRangeUnitAndValue) {
  ConfigDocument document = Parsed();
  EXPECT_THAT(document.Integer("server", "streams", 1, {1, 4}, "streams"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "a.toml:3:11: server.streams must be an integer from 1 to 4 (unit: streams): 8"));
}

TEST(ConfigDocumentTest, EnvironmentValueOfTheWrongTypeNamesTheVariable) {
  ConfigDocument document = Parsed(kText, Variables({{"CONSORT_SERVER_STREAMS", "many"}}));
  EXPECT_THAT(document.Integer("server", "streams", 1, {}, ""),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       StartsWith("CONSORT_SERVER_STREAMS: server.streams must")));
}

TEST(ConfigDocumentTest, RealRefusesInfinity) {
  ConfigDocument document = Parsed("x = inf\n");
  EXPECT_THAT(document.Real("", "x", 1.0, {}, ""),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("x must be a number")));
}

TEST(ConfigDocumentTest, BoolRefusesOtherWords) {
  ConfigDocument document = Parsed("", Variables({{"CONSORT_A_B", "yes"}}));
  EXPECT_THAT(document.Bool("a", "b", true),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("must be true or false")));
}

TEST(ConfigDocumentTest, ListWithANumberIsRefusedAtTheNumber) {
  ConfigDocument document = Parsed("[a]\nb = [\"x\", 2]\n");
  EXPECT_THAT(document.Strings("a", "b"),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("a.toml:2:11: a.b must be a list")));
}

TEST(ConfigDocumentTest, TableWithANumberIsRefused) {
  ConfigDocument document = Parsed("[a.b]\nx = 2\n");
  EXPECT_THAT(document.Table("a", "b"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("strings as values")));
}

TEST(ConfigDocumentTest, MissingRequiredKeySaysWhereToPutIt) {
  ConfigDocument document = Parsed("");
  EXPECT_THAT(
      document.String("archive", "name"),
      StatusIs(absl::StatusCode::kInvalidArgument,
               "a.toml: archive.name is missing; add it under its section or set CONSORT_ARCHIVE_NAME"));
}

TEST(ConfigDocumentTest, UnknownKeyIsRefusedWithTheNearestKnownName) {
  ConfigDocument document = Parsed("[server]\nlisten = \"x\"\nlistne = \"y\"\n");
  ASSERT_THAT(document.String("server", "listen"), IsOk());
  EXPECT_THAT(document.RefuseUnknown(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "a.toml:3:1: unknown key server.listne; did you mean listen?"));
}

TEST(ConfigDocumentTest, UnknownSectionIsRefusedWithTheNearestKnownSection) {
  ConfigDocument document = Parsed("[sever]\nlisten = \"x\"\n");
  ASSERT_THAT(document.String("server", "listen", ""), IsOk());
  EXPECT_THAT(document.RefuseUnknown(), StatusIs(absl::StatusCode::kInvalidArgument,
                                                 HasSubstr("unknown key sever; did you mean server?")));
}

TEST(ConfigDocumentTest, KeysThatWereAskedForAreKnown) {
  ConfigDocument document = Parsed("top = 1\n[server]\nlisten = \"x\"\nmap = {any = \"thing\"}\n");
  ASSERT_THAT(document.Integer("", "top", 0, {}, ""), IsOk());
  ASSERT_THAT(document.String("server", "listen"), IsOk());
  ASSERT_THAT(document.Table("server", "map"), IsOk());
  EXPECT_THAT(document.RefuseUnknown(), IsOk());
}

TEST(ConfigDocumentTest, TextThatIsNotTomlIsRefusedWithItsLine) {
  EXPECT_THAT(ConfigDocument::Parse("a = 1\nb = = 2\n", "a.toml", NoEnvironment()),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("a.toml:2:")));
}

TEST(ConfigDocumentTest, MissingFileIsNotFound) {
  EXPECT_THAT(ConfigDocument::Read("/nonexistent/a.toml", NoEnvironment()),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nonexistent/a.toml")));
}

TEST(ConfigDocumentTest, FileThatIsTooLongIsRefusedBeforeItIsRead) {
  testing::TemporaryDirectory directory;
  testing::WriteFileOrDie(directory.Path("a.toml"), std::string(ConfigDocument::kMaxFileBytes + 1, '#'));
  EXPECT_THAT(ConfigDocument::Read(directory.Path("a.toml"), NoEnvironment()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("longer than")));
}

TEST(ConfigDocumentTest, RefuseNamesThePlaceOfAValueItsReaderCannotUse) {
  ConfigDocument document = Parsed("[a]\nb = \"not-an-address\"\n");
  EXPECT_THAT(document.Refuse("a", "b", "must be host:port"),
              StatusIs(absl::StatusCode::kInvalidArgument, "a.toml:2:5: a.b must be host:port"));
}

// Of these toml++ 3.3 would not say whether they are white space (undefined behaviour).
TEST(ConfigDocumentTest, LettersOutsideAsciiAreRefusedInAKeyWithoutQuotes) {
  for (const char* letter : {"\u00e9", "\u0416", "\ufefb"}) {
    EXPECT_THAT(ConfigDocument::Parse(absl::StrCat("[s]\nname", letter, " = 3\n"), "a.toml", NoEnvironment()),
                StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("a.toml:2:")))
        << letter;
  }
}

}  // namespace
}  // namespace consort
