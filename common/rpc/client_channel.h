// Channels from members to the coordinator: TLS 1.3, the coordinator's identity checked, nothing in the
// clear.
#ifndef CONSORT_COMMON_RPC_CLIENT_CHANNEL_H_
#define CONSORT_COMMON_RPC_CLIENT_CHANNEL_H_

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/rpc/invitation.h"

namespace consort {

// The DNS name that the coordinator's certificate carries whatever it is called on the network.
inline constexpr char kCoordinatorTlsName[] = "consort-coordinator";

struct ChannelOptions {
  std::string address;           // HOST:PORT
  std::string federation;        // the peer must be spiffe://<federation>/coordinator
  std::string certificate_path;  // leaf (and chain) of the member
  std::string key_path;
  std::string ca_path;  // the federation's authority: the only root
  std::string
      proxy;  // HTTP CONNECT proxy, HOST:PORT or http://HOST:PORT; empty: none, whatever the environment says
};

// Opens a channel with a connection of its own (channels never share one: a bulk transfer would starve the
// heartbeats). Renewed files are taken up at the next connection. Connects lazily. A peer that is not the
// federation's coordinator fails the handshake: calls end with Unavailable. Errors: NotFound if a file is
// missing; InvalidArgument for an empty address or federation.
absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(const ChannelOptions& options);

// Opens a channel without a certificate of our own, good for Enrol only. The peer must present the authority
// that the invitation pins and a coordinator certificate issued by it. Errors: InvalidArgument for an empty
// address.
absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenEnrolmentChannel(const Invitation& invitation,
                                                                    const std::string& proxy = "");

}  // namespace consort

#endif  // CONSORT_COMMON_RPC_CLIENT_CHANNEL_H_
