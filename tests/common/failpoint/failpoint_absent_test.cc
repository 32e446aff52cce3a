// What programs get that are built without tests: this file is compiled without CONSORT_FAILPOINTS.
#include "common/failpoint/failpoint.h"
#include "gtest/gtest.h"

namespace consort {
namespace {

#define TEXT_OF(macro) TEXT_OF_TOKENS(macro)
#define TEXT_OF_TOKENS(tokens) #tokens

TEST(FailpointAbsentTest, LeavesNothingBehind) {
  EXPECT_STREQ(TEXT_OF(CONSORT_FAILPOINT("test.step")), "static_cast<void>(0)");
  EXPECT_STREQ(TEXT_OF(CONSORT_KILLPOINT("test.step")), "static_cast<void>(0)");
}

}  // namespace
}  // namespace consort
