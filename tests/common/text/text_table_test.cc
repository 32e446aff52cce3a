#include "common/text/text_table.h"

#include "gtest/gtest.h"

namespace consort {
namespace {

TEST(TextTableTest, ColumnsAreAlignedByWhatIsSeen) {
  EXPECT_EQ(FormatTable({{"tradition", "bytes"}, {"江南", "7"}, {"harp", "12"}}),
            "tradition  bytes\n"
            "江南       7\n"
            "harp       12\n");
}

TEST(TextTableTest, RowsMayBeShort) {
  EXPECT_EQ(FormatTable({{"a", "b"}, {"long"}, {}}), "a     b\nlong\n\n");
}

TEST(TextTableTest, ControlCharactersDoNotReachTheTerminal) {
  EXPECT_EQ(FormatTable({{"reason", "x\033[2Jy\nz"}}), "reason  x?[2Jy?z\n");
}

}  // namespace
}  // namespace consort
