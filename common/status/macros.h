// Passes a failure on to the caller. Abseil 20220623 has no status_macros of its own.
#ifndef CONSORT_COMMON_STATUS_MACROS_H_
#define CONSORT_COMMON_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Returns the status of `expression` from the enclosing function if it is not OK.
#define RETURN_IF_ERROR(expression)                                                                \
  do {                                                                                             \
    if (::absl::Status consort_status = (expression); !consort_status.ok()) return consort_status; \
  } while (false)

// Evaluates `expression` (a StatusOr), returns its status on failure, and otherwise moves its value into
// `target`, which may be a declaration.
#define ASSIGN_OR_RETURN(target, expression) \
  CONSORT_ASSIGN_OR_RETURN_(CONSORT_CONCAT_(consort_statusor_, __LINE__), target, expression)
#define CONSORT_ASSIGN_OR_RETURN_(statusor, target, expression) \
  auto statusor = (expression);                                 \
  if (!statusor.ok()) return statusor.status();                 \
  target = std::move(statusor).value()
#define CONSORT_CONCAT_(a, b) CONSORT_CONCAT_INNER_(a, b)
#define CONSORT_CONCAT_INNER_(a, b) a##b

#endif  // CONSORT_COMMON_STATUS_MACROS_H_
