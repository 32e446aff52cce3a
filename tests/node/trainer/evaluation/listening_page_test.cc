#include "node/trainer/evaluation/listening_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace consort::trainer {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ListeningPageTest, NamesAreEscapedAndLinksAreEncoded) {
  const std::string page =
      ListeningPage("<script>alert(1)</script>", 2, {{"昆曲 & \"qudi\"", 1, "昆曲---qudi--1", 10}});
  EXPECT_THAT(page, Not(HasSubstr("<script>")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;"));
  EXPECT_THAT(page, HasSubstr("昆曲 &amp; &quot;qudi&quot;"));
  // 昆 is E6 98 86 and 曲 E6 9B B2 in UTF-8.
  EXPECT_THAT(page, HasSubstr("src=\"%E6%98%86%E6%9B%B2---qudi--1-before.wav\""));
}

TEST(ListeningPageTest, SaysEverythingInBothLanguages) {
  const std::string page = ListeningPage("job", 8, {});
  EXPECT_THAT(page, HasSubstr("Before and after, round 8"));
  EXPECT_THAT(page, HasSubstr("微调前后试听，第 8 轮"));
  EXPECT_THAT(page, HasSubstr("Nothing on this page was sent"));
  EXPECT_THAT(page, HasSubstr("本页内容从未外传"));
}

TEST(ListeningPageTest, NeedsNothingFromElsewhere) {
  const std::string page = ListeningPage("job", 1, {{"harp", 1, "harp-1", 3.5}});
  EXPECT_THAT(page, Not(HasSubstr("http")));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
}

TEST(ListeningPageTest, TraditionHasOneHeading) {
  const std::string page = ListeningPage(
      "job", 1, {{"harp", 1, "harp-1", 3.5}, {"harp", 2, "harp-2", 3.5}, {"qudi", 1, "qudi-1", 10}});
  const size_t first = page.find("<h2>harp</h2>");
  EXPECT_NE(first, std::string::npos);
  EXPECT_EQ(page.find("<h2>harp</h2>", first + 1), std::string::npos);
  EXPECT_THAT(page, HasSubstr("<h2>qudi</h2>"));
}

}  // namespace
}  // namespace consort::trainer
