// The configuration of the coordinator's own trainer.
#ifndef CONSORT_COORDINATOR_APP_TRAINER_FILE_H_
#define CONSORT_COORDINATOR_APP_TRAINER_FILE_H_

#include <string>

#include "absl/status/status.h"

namespace consort::coordinator {

// Creates or replaces <directory>/trainer.toml, with the state in <directory>/state. Errors: those of the
// disk; InvalidArgument for a path that does not fit one line of TOML.
absl::Status WriteTrainerFile(const std::string& directory);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_APP_TRAINER_FILE_H_
