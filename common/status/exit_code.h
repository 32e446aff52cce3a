// The exit codes of every Consort program; each help text ends with them.
#ifndef CONSORT_COMMON_STATUS_EXIT_CODE_H_
#define CONSORT_COMMON_STATUS_EXIT_CODE_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace consort {

enum class ExitCode : int {
  kOk = 0,
  kFailed = 1,
  kUsage = 2,
  kNotFound = 3,
  kRefused = 4,             // by policy or permission
  kUnavailable = 5,         // unavailable or timed out
  kVerificationFailed = 6,  // stored or received bytes do not hold
  kInterrupted = 130,
};

// Returns the exit code that says what kind of failure `status` is; kOk for an OK status.
ExitCode ExitCodeOf(const absl::Status& status);

// The table of exit codes for help texts, one per line.
absl::string_view ExitCodeHelp();

}  // namespace consort

#endif  // CONSORT_COMMON_STATUS_EXIT_CODE_H_
