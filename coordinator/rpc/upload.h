// One stream of TransferService.Write.
#ifndef CONSORT_COORDINATOR_RPC_UPLOAD_H_
#define CONSORT_COORDINATOR_RPC_UPLOAD_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <functional>
#include <memory>

#include "consort/v1/artifact.pb.h"
#include "coordinator/rpc/bulk_stream.h"
#include "coordinator/rpc/upload_slots.h"
#include "coordinator/rpc/upload_target.h"

namespace consort::coordinator {

inline constexpr size_t kMaxChunkBytes = 1 << 20;  // a cut connection costs at most one

// Reads chunk after chunk, each stored before the next is asked for, so that a slow disk slows the peer down
// instead of filling memory. What is committed when the stream ends, however it ends, is kept.
class Upload final : public BulkStream<grpc::ServerReadReactor<v1::WriteChunk>> {
 public:
  struct Shared {  // borrowed; outlives the server
    const UploadStores& stores;
    UploadSlots& slots;
    const std::function<void(uint64_t bytes)>& on_received;
  };
  Upload(const BulkParts& parts, const Shared& shared, PeerIdentity peer,
         grpc::CallbackServerContext* context, v1::TransferStatus* response)
      : BulkStream(parts, std::move(peer)), shared_(shared), context_(context), response_(response) {}

  void OnReadDone(bool ok) override;

 private:
  void Begin() override;
  void Read();
  void Take();
  void Conclude();
  absl::Status Open();
  absl::Status Store();
  absl::Status CloseStored();

  const Shared shared_;
  grpc::CallbackServerContext* const context_;
  v1::TransferStatus* const response_;
  // Used by one piece of work at a time.
  v1::WriteChunk chunk_;
  std::unique_ptr<UploadTarget> target_;
  std::shared_ptr<UploadSlot> slot_;
  uint64_t total_bytes_ = 0;
  uint64_t committed_bytes_ = 0;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_RPC_UPLOAD_H_
