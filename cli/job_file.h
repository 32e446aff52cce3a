// A researcher's job file (TOML) as the JobSpec that is submitted. The keys: docs/guides/researcher.md.
#ifndef CONSORT_CLI_JOB_FILE_H_
#define CONSORT_CLI_JOB_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "consort/v1/job.pb.h"

namespace consort::cli {

// `base_model`: digest given on the command line; wins over [model] base when not empty.
// Errors: NotFound; InvalidArgument `file:line:column: section.key ...` for what is not TOML, of another
// type, out of range, unknown or missing. What only the coordinator can know (is the model there) is its to
// check.
absl::StatusOr<v1::JobSpec> ReadJobFile(const std::string& path, const std::string& base_model);
// The same for a text; `name` stands where the path would in messages.
absl::StatusOr<v1::JobSpec> ParseJobFile(absl::string_view text, absl::string_view name,
                                         const std::string& base_model);

}  // namespace consort::cli

#endif  // CONSORT_CLI_JOB_FILE_H_
