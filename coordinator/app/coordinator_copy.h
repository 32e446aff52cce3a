// A coordinator's folder, copied: for backups and what is made from them.
#ifndef CONSORT_COORDINATOR_APP_COORDINATOR_COPY_H_
#define CONSORT_COORDINATOR_APP_COORDINATOR_COPY_H_

#include <string>

#include "absl/status/status.h"
#include "coordinator/app/coordinator_config.h"

namespace consort::coordinator {

inline constexpr char kConfigName[] = "coordinator.toml";

// A copy has the layout of `init`, whatever the paths of the original were.
CoordinatorConfig LayoutOf(CoordinatorConfig config, const std::string& directory);

// Copies everything but the configuration to the new folder `destination`: database, artifacts, spools, keys,
// the trainer's folder. The original may be running. Errors: AlreadyExists if `destination` holds something;
// those of the database and the disk.
absl::Status CopyCoordinator(const std::string& config_path, const CoordinatorConfig& config,
                             const std::string& destination);
// The configuration comes last: a folder with one is whole. Errors: as StatusOfErrno.
absl::Status FinishCopy(const std::string& config_path, const std::string& destination);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_APP_COORDINATOR_COPY_H_
