// Bulk bytes over gRPC, on a connection of their own, resumed by byte offset.
#ifndef CONSORT_NODE_RPC_GRPC_TRANSFER_H_
#define CONSORT_NODE_RPC_GRPC_TRANSFER_H_

#include <grpcpp/channel.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "node/daemon/backoff.h"
#include "node/daemon/transfer.h"

namespace consort::node {

// Calls block their thread; one at a time. Errors: as Transfer says.
class GrpcTransfer : public Transfer {
 public:
  static constexpr size_t kChunkBytes = 1 << 20;
  // Attempts in a row that moved nothing, waits up to 10 s between them: about half a day. The task's
  // deadline ends a transfer sooner.
  static constexpr int kMaxIdleAttempts = 5000;
  static constexpr absl::Duration kFirstRetry = absl::Milliseconds(500);
  static constexpr absl::Duration kLongestRetry = absl::Seconds(10);

  // `uniform` draws from [0, 1).
  GrpcTransfer(std::shared_ptr<grpc::Channel> channel, std::function<double()> uniform);
  ~GrpcTransfer() override;

  absl::Status Fetch(const std::string& digest, ArtifactStore& store, Cancellation& cancellation,
                     const Progress& progress) override;
  absl::Status Upload(const std::string& participation_id, const std::string& path,
                      const PayloadFacts& payload, Cancellation& cancellation,
                      const Progress& progress) override;

 private:
  // Both move what they can; `moved` says whether that was anything.
  absl::Status FetchOnce(const std::string& digest, ArtifactStore& store, Cancellation& cancellation,
                         const Progress& progress, bool& moved);
  absl::Status UploadOnce(const std::string& participation_id, const std::string& path,
                          const PayloadFacts& payload, Cancellation& cancellation, const Progress& progress,
                          bool& moved);
  absl::Status Persist(Cancellation& cancellation, const std::function<absl::Status(bool& moved)>& attempt);

  struct Stubs;
  std::unique_ptr<Stubs> stubs_;
  std::function<double()> uniform_;
};

}  // namespace consort::node

#endif  // CONSORT_NODE_RPC_GRPC_TRANSFER_H_
