// Named places where a test makes the process die, or a call fail, at the worst moment: around commit, seal,
// cosign and publish. Compiled into test builds only; elsewhere the macros are nothing.
//
// A test names one in the environment, CONSORT_FAILPOINT=name:hit[:kill|error]: the hit-th time (from 1) that
// the process comes by, it is killed as with kill -9, or the macro's function returns an Internal error.
#ifndef CONSORT_COMMON_FAILPOINT_FAILPOINT_H_
#define CONSORT_COMMON_FAILPOINT_FAILPOINT_H_

#ifdef CONSORT_FAILPOINTS
#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace consort {

// Counts the visit. Does not return if the process is to be killed here. Thread-safe. Errors: Internal, if
// the environment asks for one.
absl::Status HitFailpoint(absl::string_view name);

}  // namespace consort

// In a function that returns absl::Status or absl::StatusOr.
#define CONSORT_FAILPOINT(name)                                                                    \
  do {                                                                                             \
    if (absl::Status failpoint = ::consort::HitFailpoint(name); !failpoint.ok()) return failpoint; \
  } while (false)
// Anywhere; can only kill.
#define CONSORT_KILLPOINT(name) ::consort::HitFailpoint(name).IgnoreError()
#else
#define CONSORT_FAILPOINT(name) static_cast<void>(0)
#define CONSORT_KILLPOINT(name) static_cast<void>(0)
#endif

#endif  // CONSORT_COMMON_FAILPOINT_FAILPOINT_H_
