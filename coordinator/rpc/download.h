// One stream of TransferService.Read.
#ifndef CONSORT_COORDINATOR_RPC_DOWNLOAD_H_
#define CONSORT_COORDINATOR_RPC_DOWNLOAD_H_

#include <grpcpp/support/server_callback.h>

#include <functional>
#include <string>

#include "common/artifact/artifact_store.h"
#include "common/artifact/durable_file.h"
#include "consort/v1/artifact.pb.h"
#include "coordinator/rpc/bulk_stream.h"

namespace consort::coordinator {

// Sends an artifact from an offset to its end, one chunk in memory at a time. An offset at the end gives one
// empty chunk that names the size.
class Download final : public BulkStream<grpc::ServerWriteReactor<v1::ReadChunk>> {
 public:
  struct Shared {  // borrowed; outlives the server
    const ArtifactStore& artifacts;
    const std::function<void(uint64_t bytes)>& on_sent;
  };
  Download(const BulkParts& parts, const Shared& shared, PeerIdentity peer, const v1::ReadRequest& request)
      : BulkStream(parts, std::move(peer)),
        shared_(shared),
        digest_(request.artifact_digest()),
        offset_(request.offset()) {}

  void OnWriteDone(bool ok) override;

 private:
  void Begin() override;
  absl::Status Open();
  void Send();
  absl::Status FillChunk();

  const Shared shared_;
  const std::string digest_;
  // Used by one piece of work at a time.
  uint64_t offset_;
  uint64_t total_bytes_ = 0;
  FileDescriptor file_;
  v1::ReadChunk chunk_;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_RPC_DOWNLOAD_H_
