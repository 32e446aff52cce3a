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

TEST(TerminalTest, BarIsClamped) {
  EXPECT_EQ(Bar(0.5, 4), "██░░");
  EXPECT_EQ(Bar(7, 2), "██");
  EXPECT_EQ(Bar(-1, 2), "░░");
  EXPECT_EQ(Bar(std::numeric_limits<double>::quiet_NaN(), 2), "░░");
}

}  // namespace
}  // namespace consort::cli
