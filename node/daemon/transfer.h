// Bulk bytes between this node and the coordinator. node/rpc implements it; tests put another in its place.
#ifndef CONSORT_NODE_DAEMON_TRANSFER_H_
#define CONSORT_NODE_DAEMON_TRANSFER_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "common/artifact/artifact_store.h"
#include "common/trainer_client/trainer.h"
#include "node/daemon/entries.h"

namespace consort::node {

// Called from the worker. Both calls go on after a cut where they stopped and wait for the coordinator to
// come back; they end with Cancelled when told, and with Unavailable after many attempts without one byte of
// progress.
class Transfer {
 public:
  using Progress = std::function<void(uint64_t bytes_done, uint64_t bytes_total)>;

  virtual ~Transfer() = default;

  // Brings an artifact into `store`; nothing to do if it is there. Errors: NotFound; DataLoss if what came is
  // not what its digest says; ResourceExhausted for a full disk.
  virtual absl::Status Fetch(const std::string& digest, ArtifactStore& store, Cancellation& cancellation,
                             const Progress& progress) = 0;

  // Sends a stored payload for a participation; bytes that the coordinator has already are not sent again.
  // Errors: FailedPrecondition when the round takes no more updates; NotFound, PermissionDenied,
  // InvalidArgument as the coordinator says.
  virtual absl::Status Upload(const std::string& participation_id, const std::string& path,
                              const PayloadFacts& payload, Cancellation& cancellation,
                              const Progress& progress) = 0;
};

}  // namespace consort::node

#endif  // CONSORT_NODE_DAEMON_TRANSFER_H_
