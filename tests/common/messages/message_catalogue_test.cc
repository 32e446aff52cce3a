#include "common/messages/message_catalogue.h"

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "gmock/gmock.h"

namespace consort {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Not;

// Every id-shaped literal of the catalogue's families in the programs' sources ("node.toml" is a file).
std::set<std::string> IdsInSources() {
  static const std::regex kLiteral("\"((report|cli|node|unit)(\\.[a-z0-9-]+)+)\"");
  std::set<std::string> ids;
  for (const char* folder : {"cli", "coordinator", "node", "common"}) {
    for (const auto& file :
         std::filesystem::recursive_directory_iterator(std::filesystem::path(CONSORT_SOURCE_DIR) / folder)) {
      if (file.path().extension() != ".cc" && file.path().extension() != ".h") continue;
      std::stringstream text;
      text << std::ifstream(file.path()).rdbuf();
      const std::string source = text.str();
      for (std::sregex_iterator match(source.begin(), source.end(), kLiteral), end; match != end; ++match) {
        if ((*match)[1] != "node.toml") ids.insert((*match)[1]);
      }
    }
  }
  return ids;
}

// "report.verdict" is the family of "report.verdict.harmed": the last part is a word of the ledger.
bool IsFamily(const std::string& id, const std::vector<std::string>& known) {
  for (const std::string& each : known) {
    if (each.size() > id.size() && each.compare(0, id.size(), id) == 0 && each[id.size()] == '.') return true;
  }
  return false;
}

TEST(MessageCatalogueTest, PutsParametersIntoTheTemplate) {
  EXPECT_EQ(Message("report.leaf", Language::kEnglish, {{"leaf", "12"}}), "entry 12");
  EXPECT_EQ(Message("report.leaf", Language::kChinese, {{"leaf", "12"}}), "条目 12");
}

TEST(MessageCatalogueTest, AParameterThatLooksLikeATemplateIsNotReadAgain) {
  EXPECT_EQ(Message("report.leaf", Language::kEnglish, {{"leaf", "{leaf}"}}), "entry {leaf}");
}

TEST(MessageCatalogueTest, AParameterThatIsNotGivenIsShownByItsName) {
  EXPECT_EQ(Message("report.leaf", Language::kEnglish), "entry {leaf}");
}

TEST(MessageCatalogueTest, AnIdThatIsNotThereIsShownAsItself) {
  EXPECT_EQ(Message("no.such.id", Language::kChinese), "no.such.id");
}

TEST(MessageCatalogueTest, EnglishStandsInWhereThereIsNoChinese) {
  for (const std::string& id : MessageIds(Language::kEnglish)) {
    if (HasMessage(id, Language::kChinese)) continue;
    EXPECT_EQ(Message(id, Language::kChinese), Message(id, Language::kEnglish)) << id;
  }
}

TEST(MessageCatalogueTest, EveryIdInTheSourcesHasAnEnglishText) {
  const std::vector<std::string> known = MessageIds(Language::kEnglish);
  const std::set<std::string> used = IdsInSources();
  ASSERT_THAT(used, Not(IsEmpty()));
  for (const std::string& id : used) {
    EXPECT_TRUE(HasMessage(id, Language::kEnglish) || IsFamily(id, known)) << id;
  }
}

TEST(MessageCatalogueTest, EveryTextIsUsed) {
  const std::set<std::string> used = IdsInSources();
  for (const std::string& id : MessageIds(Language::kEnglish)) {
    const std::string family = id.substr(0, id.rfind('.'));
    EXPECT_TRUE(used.count(id) == 1 || used.count(family) == 1) << id;
  }
}

TEST(MessageCatalogueTest, ChineseTextsHaveAnEnglishOneWithTheSameParameters) {
  const std::vector<std::string> english = MessageIds(Language::kEnglish);
  for (const std::string& id : MessageIds(Language::kChinese)) {
    EXPECT_THAT(english, Contains(id));
    EXPECT_EQ(MessageParameterNames(id, Language::kChinese), MessageParameterNames(id, Language::kEnglish))
        << id;
  }
}

TEST(MessageCatalogueTest, WhatTheClosingReportSaysIsCompleteInChinese) {
  for (const std::string& id : MessageIds(Language::kEnglish)) {
    if (id.rfind("cli.", 0) == 0 || id.rfind("node.", 0) == 0) continue;
    EXPECT_TRUE(HasMessage(id, Language::kChinese)) << id;
  }
}

}  // namespace
}  // namespace consort
