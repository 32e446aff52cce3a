#include "common/messages/quantity.h"

#include "gtest/gtest.h"

namespace consort {
namespace {

TEST(QuantityTest, CountsAreGroupedByThousands) {
  EXPECT_EQ(FormatCount(0), "0");
  EXPECT_EQ(FormatCount(999), "999");
  EXPECT_EQ(FormatCount(1000), "1,000");
  EXPECT_EQ(FormatCount(1234567), "1,234,567");
  EXPECT_EQ(FormatCount(-123456), "-123,456");
}

TEST(QuantityTest, BytesHaveThreeDigitsAndAUnit) {
  EXPECT_EQ(FormatBytes(812), "812 B");
  EXPECT_EQ(FormatBytes(1500000), "1.50 MB");
  EXPECT_EQ(FormatBytes(45600), "45.6 kB");
  EXPECT_EQ(FormatBytes(1234000000000000), "1234 TB");
}

TEST(QuantityTest, DurationsHaveMinutesFromOneMinuteOn) {
  EXPECT_EQ(FormatSeconds(59, Language::kEnglish), "59 s");
  EXPECT_EQ(FormatSeconds(250, Language::kEnglish), "4 min 10 s");
  EXPECT_EQ(FormatSeconds(250, Language::kChinese), "4 分 10 秒");
}

TEST(QuantityTest, NegativeNumbersHaveAMinusSignAndZeroHasNone) {
  EXPECT_EQ(FormatReal(-0.4333, 3), "−0.433");
  EXPECT_EQ(FormatReal(-0.0001, 2), "0.00");
}

}  // namespace
}  // namespace consort
