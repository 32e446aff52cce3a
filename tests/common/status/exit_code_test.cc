#include "common/status/exit_code.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace consort {
namespace {

using ::testing::HasSubstr;

// The numbers are a contract with scripts: docs and help texts state them.
TEST(ExitCodeTest, EachKindOfFailureHasItsDocumentedNumber) {
  const auto number = [](absl::StatusCode code) { return static_cast<int>(ExitCodeOf(absl::Status(code, "x"))); };
  EXPECT_EQ(static_cast<int>(ExitCodeOf(absl::OkStatus())), 0);
  EXPECT_EQ(number(absl::StatusCode::kInternal), 1);
  EXPECT_EQ(number(absl::StatusCode::kInvalidArgument), 2);
  EXPECT_EQ(number(absl::StatusCode::kNotFound), 3);
  EXPECT_EQ(number(absl::StatusCode::kPermissionDenied), 4);
  EXPECT_EQ(number(absl::StatusCode::kUnauthenticated), 4);
  EXPECT_EQ(number(absl::StatusCode::kUnavailable), 5);
  EXPECT_EQ(number(absl::StatusCode::kDeadlineExceeded), 5);
  EXPECT_EQ(number(absl::StatusCode::kDataLoss), 6);
  EXPECT_EQ(number(absl::StatusCode::kCancelled), 130);
}

TEST(ExitCodeTest, HelpNamesEveryCode) {
  for (const char* code : {"0 ok", "1 failed", "2 usage", "3 not found", "4 refused", "5 unavailable",
                           "6 verification failed", "130 interrupted"}) {
    EXPECT_THAT(std::string(ExitCodeHelp()), HasSubstr(code));
  }
}

absl::StatusOr<int> Half(int number) {
  if (number % 2 != 0) return absl::InvalidArgumentError(absl::StrCat("odd: ", number));
  return number / 2;
}

absl::StatusOr<int> Quarter(int number) {
  ASSIGN_OR_RETURN(const int half, Half(number));
  return Half(half);
}

TEST(MacrosTest, FailureIsPassedOnAndValueIsMovedOut) {
  EXPECT_EQ(*Quarter(8), 2);
  EXPECT_EQ(Quarter(6).status().message(), "odd: 3");
}

}  // namespace
}  // namespace consort
