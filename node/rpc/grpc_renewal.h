// Asks the coordinator for a new certificate over gRPC, without a thread that waits.
#ifndef CONSORT_NODE_RPC_GRPC_RENEWAL_H_
#define CONSORT_NODE_RPC_GRPC_RENEWAL_H_

#include <grpcpp/channel.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "node/daemon/certificate_renewal.h"

namespace consort::node {

// Thread-safe. A call ends within kUnaryDeadline; `done` comes on a thread of gRPC.
class GrpcRenewal : public RenewalCall {
 public:
  // How long the destructor waits for calls that were cancelled; gRPC ends them at once.
  static constexpr absl::Duration kEndWithin = absl::Seconds(10);

  explicit GrpcRenewal(std::shared_ptr<grpc::Channel> channel);
  // Cancels what is under way and waits until its `done` has returned.
  ~GrpcRenewal() override;

  void Renew(const std::string& csr_pem, std::function<void(absl::StatusOr<std::string>)> done) override;

 private:
  struct Calls;
  const std::shared_ptr<grpc::Channel> channel_;
  const std::shared_ptr<Calls> calls_;
};

}  // namespace consort::node

#endif  // CONSORT_NODE_RPC_GRPC_RENEWAL_H_
