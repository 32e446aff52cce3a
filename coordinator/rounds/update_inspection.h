// Reads one uploaded update from its spool and says whether it may be added.
#ifndef CONSORT_COORDINATOR_ROUNDS_UPDATE_INSPECTION_H_
#define CONSORT_COORDINATOR_ROUNDS_UPDATE_INSPECTION_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "common/update/manifest.h"

namespace consort::coordinator {

struct Inspection {
  std::string digest;     // SHA-256 of the payload, hex; empty if it was not asked for
  uint32_t weight = 0;    // the payload's last coordinate
  double delta_norm = 0;  // decoded
};

// Blocking; reads the file once in blocks. `granted_weight`: the archive's in round-open. `hash`: also digest
// the bytes (the upload has done so already unless the coordinator restarted since). Errors: InvalidArgument
// with the reason code of UpdateChecker first; Internal if the file cannot be read.
absl::StatusOr<Inspection> InspectUpdate(const std::string& path, const Manifest& manifest,
                                         uint32_t granted_weight, bool hash);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_ROUNDS_UPDATE_INSPECTION_H_
