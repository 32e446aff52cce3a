// How uploaded updates reach the round that waits for them. The round engine implements it; the transfer
// service calls it.
#ifndef CONSORT_COORDINATOR_ROUNDS_UPDATE_INTAKE_H_
#define CONSORT_COORDINATOR_ROUNDS_UPDATE_INTAKE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace consort::coordinator {

// Thread-safe; calls block until the control executor has answered.
class UpdateIntake {
 public:
  virtual ~UpdateIntake() = default;

  // Where the update of this participation is spooled, if `archive` may send one of `total_bytes` now. 0 asks
  // where it is without saying how long it will be: the size is then not checked. Errors: NotFound for an
  // unknown participation; PermissionDenied if it is another archive's; FailedPrecondition if its round no
  // longer takes updates; InvalidArgument if the size is not the manifest's.
  virtual absl::StatusOr<std::string> OpenSpool(const std::string& archive,
                                                const std::string& participation_id,
                                                uint64_t total_bytes) = 0;
  // Bytes are on disk, not yet synced. At most a few calls a second matter; more are cheap.
  virtual void OnSpoolProgress(const std::string& participation_id, uint64_t committed_bytes) = 0;
  // The next bytes could not be stored; the archive will try again. `problem`: a code first, for people.
  virtual void OnSpoolTrouble(const std::string& participation_id, const std::string& problem) = 0;
  // The spool is complete, synced and has this digest.
  virtual void OnSpoolComplete(const std::string& participation_id, const std::string& digest) = 0;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_ROUNDS_UPDATE_INTAKE_H_
