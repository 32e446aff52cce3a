// GoogleTest matchers for absl::Status and absl::StatusOr.
#ifndef CONSORT_TESTS_SUPPORT_STATUS_MATCHERS_H_
#define CONSORT_TESTS_SUPPORT_STATUS_MATCHERS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"

namespace consort::testing {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <class T>
const absl::Status& StatusOf(const absl::StatusOr<T>& statusor) {
  return statusor.status();
}

MATCHER(IsOk, negation ? "is not OK" : "is OK") {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).ok();
}

// Matches a failure by code, and its message by `message` (a matcher or a string).
MATCHER_P2(StatusIs, code, message, "has the given code and message") {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).code() == code &&
         ::testing::SafeMatcherCast<std::string>(message).Matches(std::string(StatusOf(arg).message()));
}

MATCHER_P(IsOkAndHolds, value, "is OK and holds the value") {
  if (!arg.ok()) {
    *result_listener << arg.status().ToString();
    return false;
  }
  return ::testing::ExplainMatchResult(value, *arg, result_listener);
}

}  // namespace consort::testing

#endif  // CONSORT_TESTS_SUPPORT_STATUS_MATCHERS_H_
