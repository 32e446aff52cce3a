// Reads and writes model files that lie at the researcher's own machine.
#ifndef CONSORT_CLI_MODEL_FILE_H_
#define CONSORT_CLI_MODEL_FILE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace consort::cli {

inline constexpr uint64_t kMaxModelFileBytes = uint64_t{4} << 30;  // models are read into memory whole

// Errors: NotFound or PermissionDenied; ResourceExhausted above kMaxModelFileBytes; FailedPrecondition if the
// file changes meanwhile. All name the path.
absl::StatusOr<std::string> ReadModelFile(const std::string& path);

}  // namespace consort::cli

#endif  // CONSORT_CLI_MODEL_FILE_H_
