#include "common/text/display_width.h"

#include "gtest/gtest.h"

namespace consort {
namespace {

TEST(DisplayWidthTest, WideCharactersTakeTwoColumns) {
  EXPECT_EQ(DisplayWidth("abc"), 3);
  EXPECT_EQ(DisplayWidth("江南"), 4);
  EXPECT_EQ(DisplayWidth("é"), 1);
  EXPECT_EQ(DisplayWidth("\033[31mab\033[0m"), 2);
}

TEST(DisplayWidthTest, FitFillsOrCutsToTheWidth) {
  EXPECT_EQ(Fit("ab", 4), "ab  ");
  EXPECT_EQ(Fit("abcdef", 4), "abc…");
  EXPECT_EQ(Fit("江南丝竹", 4), "江… ");  // a wide character that does not fit is not halved
  EXPECT_EQ(DisplayWidth(Fit("江南丝竹", 5)), 5);
}

TEST(DisplayWidthTest, ABrokenLastCharacterIsNoCrash) { EXPECT_EQ(DisplayWidth("a\xe6"), 2); }

}  // namespace
}  // namespace consort
