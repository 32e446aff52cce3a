#include "common/update/decimal.h"

#include <limits>

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace consort {
namespace {

using ::consort::testing::IsOkAndHolds;
using ::consort::testing::StatusIs;
using ::testing::_;

TEST(DecimalTest, WritesTheShortestSpelling) {
  EXPECT_EQ(DecimalOf(0.1), "0.1");
  EXPECT_EQ(DecimalOf(2), "2");
  EXPECT_EQ(DecimalOf(1e-5), "1e-05");
  EXPECT_EQ(DecimalOf(-0.0009765625), "-0.0009765625");
}

TEST(DecimalTest, ReadsBackToTheSameNumber) {
  for (const double value : {0.1, 1.0 / 3, 5e-324, std::numeric_limits<double>::max(), -8.0}) {
    EXPECT_THAT(ParseDecimal(DecimalOf(value)), IsOkAndHolds(value));
  }
}

TEST(DecimalTest, RefusesOtherSpellingsAndWhatIsNoNumber) {
  for (const char* text : {"", "1.0", "01", "+1", " 1", "1 ", "0.10", "1e400", "nan", "inf", "0x1", "1,5"}) {
    EXPECT_THAT(ParseDecimal(text), StatusIs(absl::StatusCode::kInvalidArgument, _)) << text;
  }
}

}  // namespace
}  // namespace consort
