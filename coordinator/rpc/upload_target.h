// Where uploaded bytes go: the artifact store, or the spool of the caller's own update.
#ifndef CONSORT_COORDINATOR_RPC_UPLOAD_TARGET_H_
#define CONSORT_COORDINATOR_RPC_UPLOAD_TARGET_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/artifact/artifact_store.h"
#include "common/rpc/peer_identity.h"
#include "consort/v1/artifact.pb.h"
#include "coordinator/rounds/update_intake.h"

namespace consort::coordinator {

// Borrowed; outlive the server.
struct UploadStores {
  ArtifactStore& artifacts;
  UpdateIntake& updates;
  uint64_t artifact_quota_bytes = 0;  // 0: bounded by the disk alone
};

// Calls may block on the disk and on the control executor: workers only. Not thread-safe.
class UploadTarget {
 public:
  virtual ~UploadTarget() = default;

  // Names the resource, for messages and so that it has one writer at a time.
  virtual const std::string& name() const = 0;
  // True if the bytes are there already and whole.
  virtual bool Stored() const = 0;
  // Errors: as ArtifactStore and UpdateIntake say; ResourceExhausted past the quota.
  virtual absl::StatusOr<std::unique_ptr<SpoolWriter>> Open() = 0;
  virtual void OnBytes(uint64_t committed_bytes) = 0;
  // Bytes could not be stored for want of room; the sender is told too.
  virtual void OnFull(const absl::Status& status) = 0;
  // Errors: DataLoss if the digest differs, after which the upload starts from nothing.
  virtual absl::Status Finish(std::unique_ptr<SpoolWriter> writer) = 0;
};

// Errors: InvalidArgument for a header without resource, with a bad digest or no bytes; PermissionDenied if
// the caller's role may not write such a resource.
absl::StatusOr<std::unique_ptr<UploadTarget>> MakeUploadTarget(const UploadStores& stores,
                                                               const PeerIdentity& caller,
                                                               const v1::WriteChunk& header);

// Where an upload stands. Errors: as MakeUploadTarget; those of UpdateIntake.
absl::StatusOr<v1::TransferStatus> UploadStatus(const UploadStores& stores, const PeerIdentity& caller,
                                                const v1::Resource& resource);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_RPC_UPLOAD_TARGET_H_
