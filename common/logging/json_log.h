// The log of every program: one JSON object a line on stderr, with the members time (UTC), level, program,
// message. Code logs through spdlog::info and its like; only mains call this.
#ifndef CONSORT_COMMON_LOGGING_JSON_LOG_H_
#define CONSORT_COMMON_LOGGING_JSON_LOG_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace consort {

// Makes spdlog's default logger write so, from `level` (trace, debug, info, warning, error, critical, off)
// on. Starts no thread, opens no file. Bytes of a message that are no UTF-8 are replaced.
// Errors: InvalidArgument for another level; the log stays as it was.
absl::Status StartJsonLog(absl::string_view program, absl::string_view level);

}  // namespace consort

#endif  // CONSORT_COMMON_LOGGING_JSON_LOG_H_
