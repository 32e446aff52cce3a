#include "cli/printer.h"

#include <sstream>

#include "gmock/gmock.h"

namespace consort::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class PrinterTest : public ::testing::Test {
 protected:
  Printer Make(Format format, bool colour = false) {
    return Printer(format, data_, messages_, Terminal(colour, colour, 80));
  }
  std::ostringstream data_;
  std::ostringstream messages_;
};

TEST_F(PrinterTest, TableColumnsAreAlignedByDisplayWidth) {
  Make(Format::kTable)
      .List({"tradition", "state"},
            {{{"tradition", "江南"}, {"state", "ok"}}, {{"tradition", "english-folk"}, {"state", "ok"}}});
  // Two wide characters take four columns.
  EXPECT_EQ(data_.str(), "TRADITION     STATE\n江南          ok\nenglish-folk  ok\n");
}

TEST_F(PrinterTest, JsonHoldsAllMembersAndNotOnlyTheColumns) {
  Make(Format::kJson).List({"a"}, Json::array({{{"a", 1}, {"b", "two"}}}));
  EXPECT_EQ(Json::parse(data_.str()), Json::array({{{"a", 1}, {"b", "two"}}}));
}

TEST_F(PrinterTest, AnEmptyListIsAnEmptyArray) {
  Make(Format::kJson).List({"a"}, Json::array());
  EXPECT_EQ(Json::parse(data_.str()), Json::array());
}

TEST_F(PrinterTest, RecordsNestWithDots) {
  Make(Format::kTable).Record({{"job", "x"}, {"evaluation", {{"level", 0.95}}}});
  EXPECT_THAT(data_.str(), HasSubstr("evaluation.level  0.95"));
}

TEST_F(PrinterTest, NotesGoToTheMessagesOnly) {
  Make(Format::kJson).Note("hello");
  EXPECT_EQ(data_.str(), "");
  EXPECT_EQ(messages_.str(), "hello\n");
}

TEST_F(PrinterTest, ColourIsUsedOnlyWhereTheTerminalHasIt) {
  Make(Format::kTable, /*colour=*/false).Note("x", Colour::kRed);
  EXPECT_EQ(messages_.str(), "x\n");
  Make(Format::kTable, /*colour=*/true).Note("y", Colour::kRed);
  EXPECT_THAT(messages_.str(), HasSubstr("\033[31my\033[0m"));
}

TEST_F(PrinterTest, ControlCharactersOfOthersDoNotReachTheTerminal) {
  Make(Format::kTable).Record({{"name", "evil\033[2J\x07"}});
  EXPECT_THAT(data_.str(), Not(HasSubstr("\033")));
}

TEST_F(PrinterTest, BytesThatAreNoTextDoNotBreakJson) {
  Make(Format::kJson).Record({{"name", "\xff\xfe"}});
  EXPECT_FALSE(Json::parse(data_.str(), nullptr, false).is_discarded());
}

}  // namespace
}  // namespace consort::cli
