#include "cli/terminal.h"

#include <unistd.h>

#include <cstdlib>
#include <limits>

#include "gtest/gtest.h"

namespace consort::cli {
namespace {

TEST(TerminalTest, APipeIsNoTerminal) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  EXPECT_FALSE(Terminal::Of(ends[1]).is_terminal());
  EXPECT_EQ(Terminal::Of(ends[1]).Paint("x", Colour::kRed), "x");
  close(ends[0]);
  close(ends[1]);
}

TEST(TerminalTest, WideCharactersTakeTwoColumns) {
  EXPECT_EQ(DisplayWidth("abc"), 3);
  EXPECT_EQ(DisplayWidth("江南"), 4);
  EXPECT_EQ(DisplayWidth("é"), 1);
  EXPECT_EQ(DisplayWidth("\033[31mab\033[0m"), 2);
}

TEST(TerminalTest, FitFillsOrCutsToTheWidth) {
  EXPECT_EQ(Fit("ab", 4), "ab  ");
  EXPECT_EQ(Fit("abcdef", 4), "abc…");
  EXPECT_EQ(Fit("江南丝竹", 4), "江… ");  // a wide character that does not fit is not halved
  EXPECT_EQ(DisplayWidth(Fit("江南丝竹", 5)), 5);
}

TEST(TerminalTest, ABrokenLastCharacterIsNoCrash) { EXPECT_EQ(DisplayWidth("a\xe6"), 2); }

TEST(TerminalTest, BarIsClamped) {
  EXPECT_EQ(Bar(0.5, 4), "██░░");
  EXPECT_EQ(Bar(7, 2), "██");
  EXPECT_EQ(Bar(-1, 2), "░░");
  EXPECT_EQ(Bar(std::numeric_limits<double>::quiet_NaN(), 2), "░░");
}

}  // namespace
}  // namespace consort::cli
