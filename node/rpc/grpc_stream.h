// The session's stream over gRPC (callback API: no thread waits for it).
#ifndef CONSORT_NODE_RPC_GRPC_STREAM_H_
#define CONSORT_NODE_RPC_GRPC_STREAM_H_

#include <grpcpp/channel.h>

#include <memory>

#include "absl/time/time.h"
#include "node/daemon/stream.h"

namespace consort::node {

// Thread-safe. Callbacks come from gRPC's threads.
class GrpcStreamFactory : public StreamFactory {
 public:
  // How long the destructor waits for streams that were cancelled; gRPC ends them at once.
  static constexpr absl::Duration kEndWithin = absl::Seconds(10);

  // `channel`: one of its own, so that no bulk transfer starves the heartbeats.
  explicit GrpcStreamFactory(std::shared_ptr<grpc::Channel> channel);
  // Waits until the last callback of every stream has returned. The streams must be gone before.
  ~GrpcStreamFactory() override;

  std::unique_ptr<Stream> Open(Callbacks callbacks) override;

 private:
  struct Streams;
  const std::shared_ptr<grpc::Channel> channel_;
  const std::shared_ptr<Streams> streams_;
};

}  // namespace consort::node

#endif  // CONSORT_NODE_RPC_GRPC_STREAM_H_
